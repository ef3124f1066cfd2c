import { expect, test } from "bun:test";
import fc from "fast-check";
import { readChat } from "../chat/read.ts";
import { parseBody } from "../parse-body.ts";
import { readResponses } from "../responses/read.ts";
import { chatRequest } from "../schemas/chat-request.ts";
import { responsesRequest } from "../schemas/responses-request.ts";
import { settleResults } from "./settle-results.ts";
import type { Turn } from "./types.ts";

const seed = 20_261_122;
const odd = fc.oneof(fc.jsonValue(), fc.constantFrom("__proto__", "constructor", "", "\u0000", "\ud800"));
const maybe = (usual: fc.Arbitrary<unknown>) => fc.oneof({ weight: 4, arbitrary: usual }, odd);
const id = fc.constantFrom("a", "b", "__proto__");
const part = fc.record(
  {
    type: maybe(
      fc.constantFrom("text", "input_text", "output_text", "image_url", "input_image", "input_file", "file"),
    ),
    ...{
      text: maybe(fc.string()),
      image_url: maybe(fc.webUrl()),
      file_data: maybe(fc.base64String()),
      source: odd,
    },
  },
  { requiredKeys: ["type"] },
);
const content = maybe(fc.oneof(fc.string(), fc.array(part, { maxLength: 4 })));
const tools = maybe(
  fc.array(fc.record({ type: fc.constant("function"), name: maybe(id), function: odd }), { maxLength: 3 }),
);

test("whatever a chat's body holds, it is read or refused with 400", () => {
  const call = fc.record({ id, function: fc.record({ name: id, arguments: maybe(fc.json()) }) });
  const message = fc.record(
    {
      role: maybe(fc.constantFrom("user", "assistant", "tool", "system")),
      ...{ content, tool_calls: maybe(fc.array(call, { maxLength: 3 })), tool_call_id: maybe(id) },
    },
    { requiredKeys: ["role"] },
  );
  const body = fc.record(
    {
      messages: maybe(fc.array(message, { maxLength: 6 })),
      model: maybe(fc.string()),
      tools,
      tool_choice: odd,
      stop: odd,
    },
    { requiredKeys: ["messages"] },
  );
  const holds = (value: unknown) => {
    const parsed = parseBody(JSON.stringify(value), chatRequest());
    const read = parsed.ok ? readChat(parsed.value) : parsed;
    return read.ok || read.error.status === 400;
  };
  fc.assert(fc.property(body, holds), { seed, numRuns: 500 });
});

test("whatever a response's body holds, it is read or refused with 400", () => {
  const item = fc.record(
    {
      type: maybe(
        fc.constantFrom("message", "function_call", "function_call_output", "reasoning", "item_reference"),
      ),
      ...{
        role: maybe(fc.constantFrom("user", "assistant", "developer")),
        content,
        id,
        call_id: id,
        name: id,
      },
      ...{ arguments: maybe(fc.json()), output: content },
    },
    { requiredKeys: [] },
  );
  const body = fc.record({
    model: maybe(fc.string()),
    input: maybe(fc.array(item, { maxLength: 6 })),
    tools,
  });
  const holds = (value: unknown) => {
    const parsed = parseBody(JSON.stringify(value), responsesRequest());
    const read = parsed.ok ? readResponses(parsed.value, { turns: [], items: new Map() }) : parsed;
    return read.ok || read.error.status === 400;
  };
  fc.assert(fc.property(body, holds), { seed, numRuns: 500 });
});

test("every result that stays a result has its call right before it, once", () => {
  const turn: fc.Arbitrary<Turn> = fc.oneof(
    fc.constant<Turn>({ role: "user", pieces: [{ kind: "text", text: "x" }] }),
    fc.array(id, { maxLength: 3 }).map((ids): Turn => {
      return {
        role: "assistant",
        pieces: ids.map((one) => ({ kind: "call", id: one, name: "n", input: {} })),
      };
    }),
    fc.array(id, { maxLength: 3 }).map((ids): Turn => {
      return { role: "tool", pieces: ids.map((one) => ({ kind: "result", id: one, text: "r" })) };
    }),
  );
  const holds = (turns: readonly Turn[]) => {
    let open = new Set<string>();
    let last: Turn["role"] | undefined;
    for (const { role, pieces } of settleResults(turns)) {
      if (pieces.length === 0 || (role === "assistant" && last === "assistant")) return false;
      if (role !== "tool") open = new Set();
      for (const piece of pieces) {
        if (piece.kind === "call") open.add(piece.id);
        if (piece.kind === "result" && (role !== "tool" || !open.delete(piece.id))) return false;
      }
      last = role;
    }
    return true;
  };
  fc.assert(fc.property(fc.array(turn, { maxLength: 8 }), holds), { seed, numRuns: 500 });
  expect(settleResults([])).toEqual([]);
});
