import { describe, expect, test } from "bun:test";
import { policy } from "../frames/limits.ts";
import { HelloOk } from "./hello.ts";

const hello = {
  type: "hello-ok",
  protocol: 3,
  server: { version: "dev", host: "unknown", connId: "c" },
  features: { methods: ["health"], events: ["tick"] },
  snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 5 },
  policy,
};

describe("hello-ok", () => {
  test("one of a gateway that sends no auth without a device is read", () => {
    expect(HelloOk.parse(hello).auth).toBeUndefined();
  });

  test("auth without a device token is read", () => {
    const auth = { role: "operator", scopes: ["operator.read"] };
    expect(HelloOk.parse({ ...hello, auth }).auth).toEqual(auth);
  });

  test("a snapshot of another shape is left out, not a reason to fail", () => {
    const snapshot = { ...hello.snapshot, presence: "many", health: { status: "green" } };
    expect(HelloOk.parse({ ...hello, snapshot }).snapshot).toMatchObject({ presence: [], health: {} });
  });

  test("fields a client cannot do without are required", () => {
    for (const key of ["type", "protocol", "server", "features", "snapshot", "policy"])
      expect(HelloOk.safeParse({ ...hello, [key]: undefined }).success).toBe(false);
  });

  test("the policy is the contract's", () => {
    expect(policy).toEqual({
      maxPayload: 524_288,
      maxBroadcastPayload: 1_048_576,
      maxBufferedBytes: 1_572_864,
      tickIntervalMs: 30_000,
    });
  });
});
