import { expect, test } from "bun:test";
import type { ReplyEvent } from "../answer/types.ts";
import { chatFrames } from "./write.ts";

const head = { id: "chatcmpl_1", created: 5, model: "offline:basic" };
const usage = { inputTokens: 3, outputTokens: 2 };

async function framesOf(events: readonly ReplyEvent[], withUsage = false): Promise<string> {
  async function* told() {
    yield* events;
  }
  const frames: string[] = [];
  for await (const frame of chatFrames(head, { events: told() }, { withUsage })) frames.push(frame);
  return frames.join("");
}

const begin =
  '{"id":"chatcmpl_1","object":"chat.completion.chunk","created":5,"model":"offline:basic","choices":[';

test("a streamed chat is framed byte for byte as its contract says", async () => {
  const stop = { kind: "stop", finish: "stop", usage } as const;
  expect(await framesOf([{ kind: "text", delta: "Hi\n\nthere" }, stop])).toBe(
    `data: ${begin}{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}\n\n` +
      `data: ${begin}{"index":0,"delta":{"content":"Hi\\n\\nthere"},"finish_reason":null}]}\n\n` +
      `data: ${begin}{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n` +
      "data: [DONE]\n\n",
  );
});

test("usage comes in a chunk of its own where it is asked for", async () => {
  const frames = await framesOf([{ kind: "stop", finish: "length", usage }], true);
  expect(frames).toEndWith(
    `data: ${begin}{"index":0,"delta":{},"finish_reason":"length"}],"usage":null}\n\n` +
      `data: ${begin}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n` +
      "data: [DONE]\n\n",
  );
});

test("a failure is told by the error object, and [DONE] ends the stream all the same", async () => {
  const error = { status: 500, type: "api_error", message: "It broke." } as const;
  expect(await framesOf([{ kind: "failed", error }])).toEndWith(
    'data: {"error":{"message":"It broke.","type":"api_error","param":null,"code":null}}\n\ndata: [DONE]\n\n',
  );
});

test("calls are numbered in their order", async () => {
  const call = (id: string) => ({ kind: "call", id, name: "look", input: '{"a":1}' }) as const;
  const frames = await framesOf([call("a"), call("b"), { kind: "stop", finish: "tool_calls", usage }]);
  expect(frames).toContain(
    '"delta":{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"look","arguments":"{\\"a\\":1}"}}]}',
  );
  expect(frames).toContain('"finish_reason":"tool_calls"');
});
