import { describe, expect, test } from "bun:test";
import { failures, refuse } from "../failures.ts";
import { eventFrame, RequestFrame, responseError, responseOk } from "./frames.ts";

describe("frames a gateway sends", () => {
  test("a missing payload is sent as null", () => {
    expect(JSON.stringify(responseOk("1", undefined))).toBe(
      '{"type":"res","id":"1","ok":true,"payload":null}',
    );
  });

  test("a refusal has code, message and retryable, and details only if there are some", () => {
    expect(responseError("1", refuse("not_found", "no such session"))).toEqual({
      type: "res",
      id: "1",
      ok: false,
      error: { code: "invalid_request", message: "no such session", retryable: false },
    });
    expect(responseError("1", refuse("unavailable", "busy", { checking: true }))).toMatchObject({
      error: { code: "unavailable", retryable: true, details: { checking: true } },
    });
  });

  test("only unavailable and rate_limited are worth a retry", () => {
    const retried = Object.values(failures).flatMap(({ wire, retry }) => (retry ? [wire] : []));
    expect([...new Set<string>(retried)].sort()).toEqual(["rate_limited", "unavailable"]);
  });

  test("an event carries its position only if it has one", () => {
    expect(eventFrame("connect.challenge", { nonce: "n" })).toEqual({
      type: "event",
      event: "connect.challenge",
      payload: { nonce: "n" },
    });
    expect(eventFrame("presence", {}, { seq: 4, stateVersion: { presence: 2, health: 0 } })).toMatchObject({
      seq: 4,
      stateVersion: { presence: 2, health: 0 },
    });
  });

  test("the request schema asks for an id and a method that are not blank", () => {
    expect(RequestFrame.safeParse({ type: "req", id: "1", method: "health" }).success).toBe(true);
    expect(RequestFrame.safeParse({ type: "req", id: "", method: "health" }).success).toBe(false);
  });
});
