import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readRequest, readServerFrame } from "./read.ts";

const request = (frame: unknown) => readRequest(JSON.stringify(frame));

describe("reading a request", () => {
  test("id and method come verbatim, other keys are ignored", () => {
    expect(request({ type: "req", id: " 1 ", method: "health", params: [1], more: true })).toEqual({
      kind: "request",
      id: " 1 ",
      method: "health",
      params: [1],
    });
  });

  test.each([
    ["text that is not JSON", "{"],
    ["nothing", ""],
    ["an array", "[]"],
    ["null", "null"],
    ["another type", '{"type":"res","id":"1","method":"health"}'],
    ["no id", '{"type":"req","method":"health"}'],
    ["a numeric id", '{"type":"req","id":1,"method":"health"}'],
    ["a blank id", '{"type":"req","id":" ","method":"health"}'],
  ])("%s cannot be answered", (_what, text) => {
    expect(readRequest(text)).toEqual({ kind: "invalid" });
  });

  test.each([[undefined], [1], [" "], [null]])("a method of %p can be refused by id", (method) => {
    expect(request({ type: "req", id: "1", method })).toEqual({ kind: "bad_method", id: "1" });
  });

  test("the frame itself counts as the first level of nesting", () => {
    const params = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth));
    expect(request({ type: "req", id: "1", method: "m", params: params(31) }).kind).toBe("request");
    expect(request({ type: "req", id: "1", method: "m", params: params(32) }).kind).toBe("too_deep");
  });

  test("deep garbage as large as a message may be is refused", () => {
    expect(readRequest("[".repeat(524_288)).kind).toBe("invalid");
    expect(readRequest('{"a":'.repeat(100_000)).kind).toBe("too_deep");
  });

  test("no text makes it throw", () => {
    const almost = fc
      .record({ type: fc.constantFrom("req", "res", 1), id: fc.jsonValue(), method: fc.jsonValue() })
      .map((frame) => JSON.stringify(frame));
    const cut = fc
      .tuple(almost, fc.nat(60), fc.string({ unit: "binary", maxLength: 5 }))
      .map(([text, at, junk]) => text.slice(0, at) + junk + text.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(almost, cut, fc.string({ unit: "binary" }), fc.json()), (text) => {
        expect(["request", "bad_method", "too_deep", "invalid"]).toContain(readRequest(text).kind);
        readServerFrame(text);
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

describe("reading a gateway's frame", () => {
  test("responses and events are told apart", () => {
    expect(readServerFrame('{"type":"res","id":"1","ok":true,"payload":null}')).toEqual({
      type: "res",
      id: "1",
      ok: true,
      payload: null,
    });
    expect(readServerFrame('{"type":"event","event":"tick","payload":{"ts":1},"seq":3}')).toEqual({
      type: "event",
      event: "tick",
      payload: { ts: 1 },
      seq: 3,
    });
  });

  test.each([
    ["a request", '{"type":"req","id":"1","method":"health"}'],
    ["a refusal without an error", '{"type":"res","id":"1","ok":false}'],
    ["a response without ok", '{"type":"res","id":"1"}'],
    ["an event without a name", '{"type":"event","payload":{}}'],
    ["no JSON", "<html>"],
  ])("%s is nothing", (_what, text) => {
    expect(readServerFrame(text)).toBeUndefined();
  });
});
