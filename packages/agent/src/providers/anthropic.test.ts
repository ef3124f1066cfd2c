import { expect, test } from "bun:test";
import {
  type AnthropicReply,
  anthropicEvents,
  anthropicReply,
  event,
  eventStream,
} from "../../testing/index.ts";
import { collect, owner, request, startVendor, textOfEvents } from "../../testing/providers.ts";

const hello: AnthropicReply = { blocks: [{ type: "text", deltas: ["Grüß", " dich ", "👋"] }] };
const clock = {
  name: "current_time",
  description: "The time.",
  inputSchema: { type: "object", properties: {}, additionalProperties: false },
};

test("text arrives in the vendor's pieces and the turn ends with its usage", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(
    anthropicReply({ ...hello, usage: { input: 7, output: 5, cacheRead: 100, cacheWrite: 20 } }),
  );
  expect(await collect(vendor.provider)).toEqual([
    { kind: "text", delta: "Grüß" },
    { kind: "text", delta: " dich " },
    { kind: "text", delta: "👋" },
    {
      kind: "stop",
      reason: "end_turn",
      usage: { inputTokens: 127, outputTokens: 5, cacheReadTokens: 100, cacheWriteTokens: 20 },
    },
  ]);
});

test("the request carries key, version and the documented body, with cache marks on system, last tool and last message", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(anthropicReply(hello));
  await collect(vendor.provider, request({ system: "Be brief.", temperature: 0.5, tools: [clock] }));
  const [received] = vendor.server.requests;
  expect(received?.method).toBe("POST");
  expect(received?.path).toBe("/v1/messages");
  expect(received?.headers).toMatchObject({
    "x-api-key": "sk-ant-api03-test-key-0123456789",
    "anthropic-version": "2023-06-01",
    "content-type": "application/json",
    accept: "text/event-stream",
  });
  const cached = { cache_control: { type: "ephemeral" } };
  expect(JSON.parse(received?.body ?? "")).toEqual({
    model: "test-model",
    max_tokens: 1024,
    temperature: 0.5,
    stream: true,
    system: [{ type: "text", text: "Be brief.", ...cached }],
    messages: [{ role: "user", content: [{ type: "text", text: "What time is it?", ...cached }] }],
    tools: [{ name: "current_time", description: "The time.", input_schema: clock.inputSchema, ...cached }],
  });
});

test("an error result is marked as one and comes first in the message after its call", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(anthropicReply(hello));
  const messages = [
    { role: "user", blocks: [{ type: "text", text: "go", origin: owner }] },
    { role: "assistant", blocks: [{ type: "tool_use", id: "a", name: "current_time", input: {} }] },
    {
      role: "user",
      blocks: [
        { type: "text", text: "well?", origin: owner },
        {
          type: "tool_result",
          toolUseId: "a",
          name: "current_time",
          content: "no clock",
          isError: true,
          origin: { kind: "tool" },
        },
      ],
    },
  ] as const;
  await collect(vendor.provider, request({ messages }));
  expect(JSON.parse(vendor.server.requests[0]?.body ?? "").messages[2]).toMatchObject({
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "a", content: "no clock", is_error: true },
      { type: "text", text: "well?" },
    ],
  });
});

test("a call whose arguments come in fragments arrives whole, after its text", async () => {
  await using vendor = await startVendor("anthropic");
  const blocks = [
    { type: "text", deltas: ["Looking."] },
    { type: "tool_use", id: "toolu_1", name: "math_eval", json: ["", '{"expr', 'ession": "1+', '1 ✓"}'] },
    { type: "tool_use", id: "toolu_2", name: "current_time", json: [] },
  ] as const;
  vendor.server.reply(anthropicReply({ blocks, stopReason: "tool_use" }));
  expect(await collect(vendor.provider)).toEqual([
    { kind: "text", delta: "Looking." },
    { kind: "tool_use", id: "toolu_1", name: "math_eval", input: { expression: "1+1 ✓" } },
    { kind: "tool_use", id: "toolu_2", name: "current_time", input: {} },
    { kind: "stop", reason: "tool_use", usage: { inputTokens: 25, outputTokens: 15 } },
  ]);
});

test("blocks whose events interleave are told apart by their index", async () => {
  await using vendor = await startVendor("anthropic");
  const start = (index: number, id: string) =>
    event("content_block_start", { index, content_block: { type: "tool_use", id, name: "t", input: {} } });
  const delta = (index: number, text: string) =>
    event("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: text } });
  const [head = [], ping = [], ...tail] = anthropicEvents({ blocks: [], stopReason: "tool_use" });
  const middle = [
    start(0, "a"),
    start(1, "b"),
    delta(1, '{"n":'),
    delta(0, '{"n":'),
    delta(0, "1}"),
    delta(1, "2}"),
  ];
  const stops = [event("content_block_stop", { index: 0 }), event("content_block_stop", { index: 1 })];
  vendor.server.reply(eventStream([head, ping, ...middle, ...stops, ...tail]));
  const calls = (await collect(vendor.provider)).filter((one) => one.kind === "tool_use");
  expect(calls.map((call) => [call.id, call.input])).toEqual([
    ["a", { n: 1 }],
    ["b", { n: 2 }],
  ]);
});

test.each(['{"a": ', "[1]", "null", "nonsense"])(
  "arguments that are no JSON object (%s) are handed on as invalid",
  async (json) => {
    await using vendor = await startVendor("anthropic");
    vendor.server.reply(
      anthropicReply({
        blocks: [{ type: "tool_use", id: "t", name: "current_time", json: [json] }],
        stopReason: "tool_use",
      }),
    );
    expect((await collect(vendor.provider))[0]).toEqual({
      kind: "tool_use",
      id: "t",
      name: "current_time",
      input: {},
      invalid: json,
    });
  },
);

test.each([
  ["end_turn", "end_turn"],
  ["stop_sequence", "end_turn"],
  ["pause_turn", "end_turn"],
  ["something_new", "end_turn"],
  ["max_tokens", "max_tokens"],
  ["model_context_window_exceeded", "max_tokens"],
])("the stop reason %s after text is told as %s", async (stopReason, told) => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(anthropicReply({ ...hello, stopReason }));
  expect((await collect(vendor.provider)).at(-1)).toMatchObject({ kind: "stop", reason: told });
});

test.each([
  ["refusal", "content_filter"],
  ["model_context_window_exceeded", "context_overflow"],
])("the stop reason %s without text is the failure %s, with what it cost", async (stopReason, code) => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(anthropicReply({ blocks: [], stopReason }));
  expect(await collect(vendor.provider)).toMatchObject([
    { kind: "failed", failure: { code }, usage: { inputTokens: 25, outputTokens: 15 } },
  ]);
});

test("comments, pings, unknown events and unreadable data lines change nothing", async () => {
  await using vendor = await startVendor("anthropic");
  const events = anthropicEvents(hello);
  const noise = [
    [": keep-alive"],
    event("ping", {}),
    event("brand_new_event", { x: 1 }),
    ["event: content_block_delta", "data: {not json"],
    event("content_block_delta", { index: 0, delta: { type: "brand_new_delta", y: 2 } }),
  ];
  vendor.server.reply(eventStream([...events.slice(0, 4), ...noise, ...events.slice(4)]));
  const told = await collect(vendor.provider);
  expect(textOfEvents(told)).toBe("Grüß dich 👋");
  expect(told.at(-1)).toMatchObject({ kind: "stop", reason: "end_turn" });
});

test("lines may end in CR LF and data may follow its colon without a blank", async () => {
  await using vendor = await startVendor("anthropic");
  const events = anthropicEvents(hello).map((lines) => lines.map((line) => line.replace("data: ", "data:")));
  vendor.server.reply(eventStream(events, { lineEnd: "\r\n" }));
  expect(textOfEvents(await collect(vendor.provider))).toBe("Grüß dich 👋");
});

test("a stream that closes after its stop reason is complete even without message_stop", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(eventStream(anthropicEvents(hello).slice(0, -1)));
  expect((await collect(vendor.provider)).at(-1)).toEqual({
    kind: "stop",
    reason: "end_turn",
    usage: { inputTokens: 25, outputTokens: 15 },
  });
});

test("a connection the vendor keeps open after message_stop does not hold the turn", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(anthropicReply({ ...hello, ending: "hang" }));
  expect((await collect(vendor.provider)).at(-1)).toMatchObject({ kind: "stop" });
  await vendor.server.abandoned();
});

test("an error event in the middle of a reply fails it, with the tokens counted so far and without another try", async () => {
  await using vendor = await startVendor("anthropic");
  const error = event("error", { error: { type: "overloaded_error", message: "Overloaded" } });
  vendor.server.reply(eventStream([...anthropicEvents(hello).slice(0, 5), error]));
  const told = await collect(vendor.provider);
  expect(told.at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "overloaded", detail: "Overloaded" },
    usage: { inputTokens: 25 },
  });
  expect(vendor.server.requests).toHaveLength(1);
});

test("a call in a stream that is cut is never handed on", async () => {
  await using vendor = await startVendor("anthropic");
  const blocks = [
    { type: "text", deltas: ["I will"] },
    { type: "tool_use", id: "t", name: "current_time", json: ["{}"] },
  ] as const;
  vendor.server.reply(
    eventStream(anthropicEvents({ blocks, stopReason: "tool_use" }).slice(0, -2), { ending: "destroy" }),
  );
  const told = await collect(vendor.provider);
  expect(told.map((one) => one.kind)).toEqual(["text", "failed"]);
  expect(told.at(-1)).toMatchObject({ failure: { code: "network" } });
});
