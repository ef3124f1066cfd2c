import { expect, test } from "bun:test";
import { ok } from "@carapace/protocol";
import type { MethodCall } from "../types.ts";
import { createOpening, type Opened } from "./opening.ts";

const call: MethodCall<"config.reload"> = {
  params: {},
  connection: {
    connId: "c",
    role: "operator",
    scopes: [],
    client: { id: "test", mode: "test", version: "1", platform: "x" },
  },
  signal: new AbortController().signal,
};
const answer = ok({ ok: true as const, mode: "hot" as const, warnings: [] });

test("a call that comes before the gateway is composed waits for it", async () => {
  const opening = createOpening();
  const early = opening.handlers["config.reload"](call);
  expect(opening.isOpen()).toBe(false);
  const { handlers, pairing, arrivals } = createOpening();
  const opened: Opened = {
    sessionCount: async () => 2,
    channelCounts: () => ({ total: 1, connected: 1 }),
    reached: () => undefined,
    handlers: { ...handlers, "config.reload": () => answer },
    pairing,
    arrivals,
  };
  opening.open(opened);
  expect(await early).toEqual(answer);
  expect(opening.handlers["config.reload"](call)).toBe(answer);
});

test("if the start fails, whoever waits is told so", async () => {
  const opening = createOpening();
  const early = opening.handlers["config.reload"](call);
  const arrival = opening.pairing.isLiveToken("t", { deviceId: "d", role: "operator", scopes: [] });
  opening.fail();
  expect(await early).toMatchObject({ ok: false, code: "unavailable" });
  await expect(arrival).rejects.toThrow("could not start");
});
