import { expect, test } from "bun:test";
import { SseWatch } from "./sse-watch.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each(["data: [DONE]\n", "data:[DONE]\n", "data: [DONE]\r\n", "data: {}\n\ndata: [DONE]\n\n"])(
  "%j ends a stream",
  (text) => {
    expect(new SseWatch(100).push(bytes(text))).toBe("done");
  },
);

test.each([
  "data: [DONE]",
  'data: "data: [DONE]"\n',
  " data: [DONE]\n",
  "data: [DONE] more\n",
  "event: [DONE]\n",
])("%j does not end a stream", (text) => {
  expect(new SseWatch(100).push(bytes(text))).toBe("more");
});

test("the end is seen wherever it is cut", () => {
  const text = bytes("data: {}\n\ndata: [DONE]\n");
  for (let at = 0; at <= text.length; at += 1) {
    const watch = new SseWatch(100);
    const seen = [watch.push(text.subarray(0, at)), watch.push(text.subarray(at))];
    expect(seen).toContain("done");
  }
});

test("the length of a line counts across pieces and starts anew with the next", () => {
  const watch = new SseWatch(10);
  expect(watch.push(bytes("123456789\n123456789"))).toBe("more");
  expect(watch.push(bytes("0\n"))).toBe("more");
  expect(watch.push(bytes("12345678901"))).toBe("too_long");
});
