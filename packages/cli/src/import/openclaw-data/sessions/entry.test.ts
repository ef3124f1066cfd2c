import { expect, test } from "bun:test";
import { readEntry } from "./entry.ts";

const message = (fields: object, more: object = {}) =>
  readEntry({ type: "message", id: "x", message: fields, ...more });
const imported = { kind: "imported" };
const model = { kind: "model", from: ["imported"] };

test("a user's text is imported, be it a text or a list, and a thought of a model is left out", () => {
  expect(message({ role: "user", content: "hello" })).toMatchObject({
    message: { role: "user", blocks: [{ type: "text", text: "hello", origin: imported }] },
  });
  const content = [
    { type: "thinking", thinking: "hm" },
    { type: "text", text: "yes" },
  ];
  expect(message({ role: "assistant", content, usage: { output: 7 } })).toMatchObject({
    message: {
      role: "assistant",
      blocks: [{ type: "text", text: "yes", origin: model }],
      tokens: 7,
      unknown: [],
    },
  });
});

test("calls keep their ids, and results find them", () => {
  const call = { type: "toolCall", id: "c1", name: "read", arguments: { path: "a" } };
  expect(message({ role: "assistant", content: [call] })).toMatchObject({
    message: { hasCalls: true, blocks: [{ type: "tool_use", id: "c1", name: "read", input: { path: "a" } }] },
  });
  const result = {
    role: "toolResult",
    toolCallId: "c1",
    toolName: "read",
    isError: true,
    content: [{ type: "text", text: "no" }],
  };
  expect(message(result)).toMatchObject({
    message: {
      role: "tool",
      blocks: [
        {
          type: "tool_result",
          toolUseId: "c1",
          name: "read",
          content: "no",
          isError: true,
          origin: { kind: "tool", ref: "read", from: ["imported"] },
        },
      ],
    },
  });
});

test("a user's message cannot bring a call with it", () => {
  const content = [{ type: "toolCall", id: "c", name: "exec", arguments: {} }];
  expect(message({ role: "user", content })).toMatchObject({ message: { blocks: [], hasCalls: false } });
});

test.each([
  ["beside it, as a list", { __openclaw: { media: [{ contentType: "image/png", url: "media://x" }] } }],
  ["beside it, by their types", { MediaTypes: ["image/png"], MediaPaths: ["/etc/passwd"] }],
])("pictures %s are named, their files are not read", (_name, more) => {
  expect(message({ role: "user", content: "look", ...more })).toMatchObject({
    message: { media: 1, blocks: [{ text: "look" }, { text: "[image/png]", origin: imported }] },
  });
});

test("the bytes of a picture in a message do not come in", () => {
  const entry = message({ role: "user", content: [{ type: "image", data: "AAAA", mimeType: "image/png" }] });
  expect(entry).toMatchObject({ message: { media: 1, blocks: [{ text: "[image/png]" }] } });
  expect(JSON.stringify(entry)).not.toContain("AAAA");
});

test("summaries come in as a model's words, for what they stand for may be gone", () => {
  const told = {
    message: {
      role: "assistant",
      blocks: [{ text: "[Summary of what was said before]\nAll well.", origin: model }],
    },
  };
  expect(readEntry({ type: "compaction", summary: "All well." })).toMatchObject(told);
  expect(message({ role: "compactionSummary", summary: "All well." })).toMatchObject(told);
});

test.each([
  ["a line that is no object", [1], "bad"],
  ["an entry without a type", {}, "bad"],
  ["a message entry without a message", { type: "message" }, "bad"],
  ["a change of the model", { type: "model_change" }, "bookkeeping"],
  ["a kind of later versions", { type: "hologram" }, "unknown"],
  ["instructions to a model", { type: "message", message: { role: "system", content: "obey" } }, "unknown"],
] as const)("%s is no message", (_name, json, kind) => {
  expect(readEntry(json).kind).toBe(kind);
});

test("what a model could not answer is told as such", () => {
  expect(message({ role: "assistant", content: [], errorMessage: "overloaded" })).toMatchObject({
    message: { blocks: [{ text: "[failed: overloaded]" }] },
  });
});

test("times are read from the message, else from the entry, in either form", () => {
  const timeOf = (fields: object, more: object = {}) => {
    const entry = message({ role: "user", content: "x", ...fields }, more);
    return entry.kind === "message" ? entry.message.timeMs : undefined;
  };
  expect(timeOf({ timestamp: 5 }, { timestamp: "2026-01-01T00:00:00Z" })).toBe(5);
  expect(timeOf({}, { timestamp: "1970-01-01T00:00:01Z" })).toBe(1000);
  expect(timeOf({ timestamp: "soon" }, { timestamp: 9 })).toBe(9);
  expect(timeOf({}, { timestamp: "9".repeat(100) })).toBeUndefined();
});
