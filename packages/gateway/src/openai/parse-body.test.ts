import { expect, test } from "bun:test";
import { parseBody } from "./parse-body.ts";
import { chatRequest } from "./schemas/chat-request.ts";
import { responsesRequest } from "./schemas/responses-request.ts";

test.each([
  ["no JSON", "{"],
  ["nothing", ""],
  ["brackets a megabyte deep", "[".repeat(1_000_000)],
  ["objects a thousand deep", `${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`],
  ["a million messages", `{"messages":[${"{},".repeat(1_000_000)}{}]}`],
  ["names of prototypes", '{"__proto__":{"messages":[]},"constructor":1}'],
])("%s is refused quickly and in few words", (_name, text) => {
  const startedAt = performance.now();
  for (const schema of [chatRequest(), responsesRequest()]) {
    const read = parseBody(text, schema);
    if (read.ok) throw new Error("it was read");
    expect(read.error.message).toStartWith("Invalid JSON: ");
    expect(read.error.message.length).toBeLessThan(520);
  }
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

test("a name of a prototype changes nothing", () => {
  const read = parseBody('{"messages":[],"__proto__":{"stream":true}}', chatRequest());
  expect(read).toMatchObject({ ok: true, value: { model: "carapace" } });
  expect(read.ok && read.value.stream).toBeUndefined();
});
