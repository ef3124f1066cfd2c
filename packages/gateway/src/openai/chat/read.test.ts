import { expect, test } from "bun:test";
import { parseBody } from "../parse-body.ts";
import { chatRequest } from "../schemas/chat-request.ts";
import { readChat } from "./read.ts";

function read(body: unknown) {
  const parsed = parseBody(JSON.stringify(body), chatRequest());
  return parsed.ok ? readChat(parsed.value) : parsed;
}

const hi = { role: "user", content: "Hi" };

test("system and developer texts make the system prompt; other roles are not read", () => {
  const messages = [
    { role: "system", content: "One." },
    { role: "developer", content: [{ type: "text", text: "Two." }] },
    { role: "function", content: "ignored" },
    { role: "narrator", content: "ignored" },
    hi,
  ];
  expect(read({ messages })).toMatchObject({
    value: { model: "carapace", system: "One.\n\nTwo.", turns: [{ role: "user", pieces: [{ text: "Hi" }] }] },
  });
});

test("content comes in every form that clients send", () => {
  const content = [
    { type: "text", text: "a" },
    { type: "input_text", input_text: "b" },
    { type: "input_text", text: "c" },
    { type: "output_text", text: "d" },
    { type: "image_url", image_url: { url: "https://e.example/f.png", detail: "low" } },
    { type: "input_image", image_url: "data:image/png;base64,QUJD" },
    { type: "input_file", filename: "n.txt", file_data: "data:text/plain;base64,QUJD" },
    { type: "input_file", source: { type: "base64", media_type: "application/pdf", data: "QUJD" } },
    { type: "file", file: { file_data: "QUJD", filename: "o.txt" } },
  ];
  expect(
    read({
      messages: [
        { role: "user", content },
        { role: "assistant", content: null },
      ],
    }),
  ).toMatchObject({
    value: {
      turns: [
        {
          pieces: [
            { kind: "text", text: "a\nb\nc\nd" },
            { file: { kind: "url", url: "https://e.example/f.png", isImage: true } },
            { file: { kind: "base64", data: "QUJD", mime: "image/png", isImage: true } },
            { file: { kind: "base64", data: "QUJD", name: "n.txt", isImage: false } },
            { file: { kind: "base64", data: "QUJD", mime: "application/pdf" } },
            { file: { kind: "base64", data: "QUJD", name: "o.txt" } },
          ],
        },
      ],
    },
  });
});

test("calls and their results stand together; a result without its call is told as text", () => {
  const call = { id: "c1", type: "function", function: { name: "look", arguments: '{"a":1}' } };
  const messages = [
    hi,
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "c1", content: "seen" },
    { role: "tool", tool_call_id: "c1", content: "again" },
    { role: "tool", tool_call_id: "other", content: "lost" },
  ];
  expect(read({ messages })).toMatchObject({
    value: {
      turns: [
        { role: "user" },
        { role: "assistant", pieces: [{ kind: "call", id: "c1", name: "look", input: { a: 1 } }] },
        { role: "tool", pieces: [{ kind: "result", id: "c1", text: "seen" }] },
        { role: "user", pieces: [{ text: "(result of c1: again)" }, { text: "(result of other: lost)" }] },
      ],
    },
  });
});

test("what is asked of the reply is read, and null counts as nothing", () => {
  const asked = {
    ...{ temperature: 0.2, top_p: 0.9, max_tokens: 5, max_completion_tokens: 7, stop: "END", seed: 1 },
    ...{ frequency_penalty: 1, presence_penalty: null, reasoning_effort: "low", tool_choice: "none" },
    response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
  };
  expect(read({ messages: [hi], ...asked })).toMatchObject({
    value: {
      sampling: {
        ...{ temperature: 0.2, maxTokens: 7 },
        reply: {
          ...{ topP: 0.9, stop: ["END"], seed: 1, frequencyPenalty: 1, effort: "low", toolChoice: "none" },
          json: { name: "n", schema: { type: "object" } },
        },
      },
    },
  });
  expect(read({ messages: [hi], temperature: null })).toMatchObject({ value: { sampling: {} } });
});

test.each([
  [{ messages: [] }, "Missing user message in `messages`."],
  [{ messages: [{ role: "user", content: "" }] }, "Missing user message in `messages`."],
  [{ messages: [hi], n: 2 }, "n must be 1: one reply is made"],
  [{ messages: [hi], tool_choice: "required" }, "tool_choice=required but no tools were provided"],
  [
    { messages: [hi], tool_choice: { type: "function", function: { name: "__proto__" } } },
    "tool_choice requested unknown tool: __proto__",
  ],
  [
    { messages: [{ role: "user", content: [{ type: "input_image", file_id: "file-1" }] }] },
    expect.stringContaining("keeps no uploaded files"),
  ],
  [
    { messages: [{ role: "user", content: [{ type: "video", url: "x" }] }] },
    expect.stringContaining("Invalid JSON: "),
  ],
  [{ messages: "Hi" }, expect.stringContaining("Invalid JSON: messages")],
  [{ messages: [hi], model: 5 }, expect.stringContaining("Invalid JSON: model")],
  [{ messages: [hi], temperature: 9 }, expect.stringContaining("Invalid JSON: temperature")],
  [
    { messages: [hi], tools: [{ type: "function", function: { name: "a b" } }] },
    expect.stringContaining("tools.0"),
  ],
  [[], expect.stringContaining("Invalid JSON: ")],
])("%j is refused", (body, message) => {
  expect(read(body)).toMatchObject({
    ok: false,
    error: { status: 400, type: "invalid_request_error", message },
  });
});
