import { expect, test } from "bun:test";
import {
  callArguments,
  callStart,
  chunk,
  eventStream,
  jsonReply,
  type OpenAIReply,
  openaiEvents,
  openaiReply,
} from "../../testing/index.ts";
import { collect, request, startVendor, textOfEvents, type VendorId } from "../../testing/providers.ts";

const hello: OpenAIReply = { deltas: [{ content: "Grüß" }, { content: " dich 👋" }] };
const twoCalls: OpenAIReply = {
  deltas: [
    { tool_calls: [callStart(0, "call_a", "math_eval")] },
    { tool_calls: [callStart(1, "call_b", "current_time")] },
    { tool_calls: [callArguments(1, '{"zone"')] },
    { tool_calls: [callArguments(0, '{"expression":'), callArguments(1, ':"UTC"}')] },
    { tool_calls: [callArguments(0, '"2 ✕ 3"}')] },
  ],
  finishReason: "tool_calls",
};
const wires: readonly VendorId[] = ["openai", "ollama"];

test("the request has the documented path, headers and body", async () => {
  await using vendor = await startVendor("openai", {
    env: { OPENAI_HTTP_REFERER: "https://example.org", OPENAI_TITLE: "Carapace" },
  });
  vendor.server.reply(openaiReply(hello));
  await collect(vendor.provider, request({ system: "Be brief." }));
  const [received] = vendor.server.requests;
  expect(received?.path).toBe("/v1/chat/completions");
  expect(received?.headers).toMatchObject({
    authorization: "Bearer sk-proj-test-key-0123456789",
    "http-referer": "https://example.org",
    "x-title": "Carapace",
    accept: "text/event-stream",
  });
  expect(JSON.parse(received?.body ?? "")).toEqual({
    model: "test-model",
    max_completion_tokens: 1024,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What time is it?" },
    ],
  });
});

test("a base URL that ends in /v1 is not given a second one", async () => {
  await using vendor = await startVendor("openai", {
    env: (origin) => ({ OPENAI_BASE_URL: `${origin}/proxy/v1/` }),
  });
  vendor.server.reply(openaiReply(hello));
  await collect(vendor.provider);
  expect(vendor.server.requests[0]?.path).toBe("/proxy/v1/chat/completions");
});

test("Ollama is asked without a key unless one is set, and with the name its wire has for the token limit", async () => {
  await using vendor = await startVendor("ollama");
  vendor.server.reply(openaiReply(hello), openaiReply(hello));
  await collect(vendor.provider);
  expect(vendor.server.requests[0]?.headers["authorization"]).toBeUndefined();
  expect(JSON.parse(vendor.server.requests[0]?.body ?? "")).toMatchObject({
    max_tokens: 1024,
    stream_options: { include_usage: true },
  });
  await using keyed = await startVendor("ollama", { env: { OLLAMA_API_KEY: " local-key " } });
  keyed.server.reply(openaiReply(hello));
  await collect(keyed.provider);
  expect(keyed.server.requests[0]?.headers["authorization"]).toBe("Bearer local-key");
});

test("a server that knows only the older name of the token limit is asked by that name from then on", async () => {
  await using vendor = await startVendor("openai");
  const detail = [
    {
      type: "extra_forbidden",
      loc: ["body", "max_completion_tokens"],
      msg: "Extra inputs are not permitted",
    },
  ];
  vendor.server.reply(jsonReply(422, { detail }), openaiReply(hello), openaiReply(hello));
  expect(textOfEvents(await collect(vendor.provider))).toBe("Grüß dich 👋");
  expect(textOfEvents(await collect(vendor.provider))).toBe("Grüß dich 👋");
  const limits = vendor.server.requests.map(({ body }) =>
    Object.keys(JSON.parse(body)).filter((name) => name.startsWith("max_")),
  );
  expect(limits).toEqual([["max_completion_tokens"], ["max_tokens"], ["max_tokens"]]);
});

for (const wire of wires) {
  test(`${wire}: usage that comes after the finish reason is counted`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(
      openaiReply({ ...hello, usage: { prompt: 1117, completion: 46, cached: 1024, reasoning: 20 } }),
    );
    expect(await collect(vendor.provider)).toEqual([
      { kind: "text", delta: "Grüß" },
      { kind: "text", delta: " dich 👋" },
      {
        kind: "stop",
        reason: "end_turn",
        usage: { inputTokens: 1117, outputTokens: 46, cacheReadTokens: 1024, reasoningTokens: 20 },
      },
    ]);
  });

  test(`${wire}: calls whose fragments interleave arrive whole, in the order of their index`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(openaiReply(twoCalls));
    expect(await collect(vendor.provider)).toEqual([
      { kind: "tool_use", id: "call_a", name: "math_eval", input: { expression: "2 ✕ 3" } },
      { kind: "tool_use", id: "call_b", name: "current_time", input: { zone: "UTC" } },
      { kind: "stop", reason: "tool_use", usage: { inputTokens: 19, outputTokens: 10 } },
    ]);
  });

  test(`${wire}: text and a call in one delta both count, and the reason "stop" does not lose the call`, async () => {
    await using vendor = await startVendor(wire);
    const delta = {
      content: "One moment.",
      tool_calls: [
        { ...callStart(0, "c", "current_time"), function: { name: "current_time", arguments: "{}" } },
      ],
    };
    vendor.server.reply(openaiReply({ deltas: [delta], finishReason: "stop" }));
    expect((await collect(vendor.provider)).map((one) => one.kind)).toEqual(["text", "tool_use", "stop"]);
  });

  test(`${wire}: a stream without [DONE] that closes after its finish reason is complete`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(openaiReply({ ...hello, hasDone: false }));
    expect((await collect(vendor.provider)).at(-1)).toMatchObject({
      kind: "stop",
      usage: { inputTokens: 19 },
    });
  });

  test(`${wire}: [DONE] ends the turn even if no chunk gave a reason and the connection stays open`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(openaiReply({ ...twoCalls, finishReason: null, ending: "hang" }));
    expect((await collect(vendor.provider)).at(-1)).toMatchObject({ kind: "stop", reason: "tool_use" });
    await vendor.server.abandoned();
  });

  test(`${wire}: a stream that ends with neither reason nor [DONE] is a failure and its calls are dropped`, async () => {
    await using vendor = await startVendor(wire);
    const cut = openaiReply({ ...twoCalls, finishReason: null, hasDone: false, usage: null });
    vendor.server.reply(cut, cut, cut);
    expect(await collect(vendor.provider)).toMatchObject([{ kind: "failed", failure: { code: "network" } }]);
    expect(vendor.server.requests).toHaveLength(3);
  });

  test(`${wire}: a model that ran out of tokens is told so`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(openaiReply({ ...hello, finishReason: "length" }));
    expect((await collect(vendor.provider)).at(-1)).toMatchObject({ kind: "stop", reason: "max_tokens" });
  });

  test(`${wire}: a reply the content filter stopped is a failure`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(openaiReply({ deltas: [], finishReason: "content_filter" }));
    expect(await collect(vendor.provider)).toMatchObject([
      { kind: "failed", failure: { code: "content_filter" } },
    ]);
  });

  test(`${wire}: a refusal in words is the reply`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(openaiReply({ deltas: [{ refusal: "I can't help with that." }] }));
    const told = await collect(vendor.provider);
    expect(textOfEvents(told)).toBe("I can't help with that.");
    expect(told.at(-1)).toMatchObject({ kind: "stop", reason: "end_turn" });
  });

  test(`${wire}: comments, CR LF, missing blanks and unreadable chunks change nothing`, async () => {
    await using vendor = await startVendor(wire);
    const events = openaiEvents(hello).map((lines) => lines.map((line) => line.replace("data: ", "data:")));
    const noise = [[": OPENROUTER PROCESSING"], ["data: {broken"], chunk({ choices: "no list" })];
    vendor.server.reply(
      eventStream([...noise, ...events.slice(0, 2), ...noise, ...events.slice(2)], { lineEnd: "\r\n" }),
    );
    const told = await collect(vendor.provider);
    expect(textOfEvents(told)).toBe("Grüß dich 👋");
    expect(told.at(-1)).toMatchObject({ kind: "stop", usage: { inputTokens: 19 } });
  });

  test(`${wire}: an error in the middle of a reply fails it without another try`, async () => {
    await using vendor = await startVendor(wire);
    const error = [
      `data: ${JSON.stringify({ error: { message: "The server had an error", type: "server_error", code: null } })}`,
    ];
    vendor.server.reply(eventStream([...openaiEvents(hello).slice(0, 2), error]));
    const told = await collect(vendor.provider);
    expect(told.map((one) => one.kind)).toEqual(["text", "failed"]);
    expect(told.at(-1)).toMatchObject({ failure: { code: "overloaded", detail: "The server had an error" } });
  });

  test(`${wire}: an error before the first word is tried again`, async () => {
    await using vendor = await startVendor(wire);
    const error = [
      `data: ${JSON.stringify({ error: { message: "overloaded", type: "server_error", code: null } })}`,
    ];
    vendor.server.reply(eventStream([error]), openaiReply(hello));
    expect(textOfEvents(await collect(vendor.provider))).toBe("Grüß dich 👋");
  });
}
