import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { type OpenAiGateway, plain, startOpenAiGateway, weatherReplies } from "./openai-gateway.ts";

function clientOf({ baseURL, token }: OpenAiGateway, options: { maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL, apiKey: token, maxRetries: 0, ...options });
}

/** What a request failed with; the client's promises are of its own kind. */
async function refusalOf(request: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await request;
  } catch (error) {
    return error;
  }
}

const weather = {
  name: "get_weather",
  description: "The weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

describe.each(["carapace", plain])("the openai client asks %s", (model) => {
  test("for a chat completion", async () => {
    await using gateway = await startOpenAiGateway([
      { text: "Hello!", usage: { inputTokens: 10, outputTokens: 5 } },
    ]);
    const reply = await clientOf(gateway).chat.completions.create({
      model,
      messages: [{ role: "user", content: "Hi" }],
    });
    expect(reply.choices[0]?.message).toMatchObject({ role: "assistant", content: "Hello!" });
    expect(reply.choices[0]?.finish_reason).toBe("stop");
    expect(reply.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
  });

  test("for a streamed one, with its usage", async () => {
    await using gateway = await startOpenAiGateway([{ text: ["Hel", "lo", "!"] }]);
    const stream = await clientOf(gateway).chat.completions.create({
      ...{ model, stream: true, stream_options: { include_usage: true } },
      messages: [{ role: "user", content: "Hi" }],
    });
    const deltas: string[] = [];
    let tokens = 0;
    for await (const chunk of stream) {
      deltas.push(chunk.choices[0]?.delta.content ?? "");
      tokens += chunk.usage?.total_tokens ?? 0;
    }
    // How it is cut depends on the secrets that are looked for in it.
    expect(deltas.filter(Boolean).length).toBeGreaterThan(1);
    expect(deltas.join("")).toBe("Hello!");
    expect(tokens).toBe(11);
  });

  test("for a response, and goes on from it", async () => {
    const seen: string[] = [];
    await using gateway = await startOpenAiGateway([
      "My name is Cara.",
      ({ messages }) => {
        for (const { blocks } of messages)
          for (const block of blocks) if (block.type === "text") seen.push(block.text);
        return "As I said: Cara.";
      },
    ]);
    const client = clientOf(gateway);
    const first = await client.responses.create({ model, input: "Who are you?" });
    expect(first.output_text).toBe("My name is Cara.");
    const second = await client.responses.create({
      ...{ model, input: "Say it again", previous_response_id: first.id },
    });
    expect(second.output_text).toBe("As I said: Cara.");
    expect(seen).toEqual(["Who are you?", "My name is Cara.", "Say it again"]);
  });

  test("for a streamed response, whose events come in their order", async () => {
    await using gateway = await startOpenAiGateway([{ text: ["Hel", "lo"] }]);
    const stream = await clientOf(gateway).responses.create({ model, input: "Hi", stream: true });
    const types: string[] = [];
    const numbers: number[] = [];
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === "response.completed") expect(event.response.status).toBe("completed");
    }
    const distinct = types.filter((type, index) => type !== types[index - 1]);
    expect(distinct).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(numbers).toEqual(types.map((_, index) => index));
  });
});

test("the client's own tools are called, in a chat", async () => {
  await using gateway = await startOpenAiGateway(weatherReplies);
  const client = clientOf(gateway);
  const asked = { role: "user", content: "How is the weather?" } as const;
  const tools = [{ type: "function", function: weather } as const];
  const first = await client.chat.completions.create({ model: plain, messages: [asked], tools });
  const [choice] = first.choices;
  const call = choice?.message.tool_calls?.[0];
  expect(choice?.finish_reason).toBe("tool_calls");
  expect(call).toMatchObject({
    id: "call_1",
    function: { name: "get_weather", arguments: '{"city":"Tokyo"}' },
  });
  if (choice === undefined) throw new Error("no choice");
  const second = await client.chat.completions.create({
    model: plain,
    tools,
    messages: [asked, choice.message, { role: "tool", tool_call_id: "call_1", content: "sunny" }],
  });
  expect(second.choices[0]?.message.content).toBe("It is sunny.");
});

test("the client's own tools are called by its runner, streamed", async () => {
  await using gateway = await startOpenAiGateway(weatherReplies);
  const runner = clientOf(gateway).chat.completions.runTools({
    model: plain,
    stream: true,
    messages: [{ role: "user", content: "How is the weather?" }],
    tools: [
      {
        type: "function",
        function: {
          ...weather,
          parse: JSON.parse,
          function: ({ city }: { city: string }) => `sunny in ${city}`,
        },
      },
    ],
  });
  expect(await runner.finalContent()).toBe("It is sunny in Tokyo.");
});

test("the client's own tools are called in responses, and their results come back by the reply's id", async () => {
  await using gateway = await startOpenAiGateway(weatherReplies);
  const client = clientOf(gateway);
  const tools = [{ type: "function", strict: false, ...weather } as const];
  const first = await client.responses.create({ model: plain, input: "How is the weather?", tools });
  expect(first.output).toMatchObject([{ type: "function_call", call_id: "call_1", name: "get_weather" }]);
  const second = await client.responses.create({
    ...{ model: plain, tools, previous_response_id: first.id },
    input: [{ type: "function_call_output", call_id: "call_1", output: "rainy" }],
  });
  expect(second.output_text).toBe("It is rainy.");
});

test("models are listed, and one is found by its name", async () => {
  await using gateway = await startOpenAiGateway(["x"]);
  const client = clientOf(gateway);
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toEqual(["carapace", "offline:basic"]);
  expect((await client.models.retrieve("offline:basic")).owned_by).toBe("offline");
  expect(await refusalOf(client.models.retrieve("nobody"))).toBeInstanceOf(OpenAI.NotFoundError);
});

test("refusals come as the errors that the client knows", async () => {
  await using gateway = await startOpenAiGateway([
    { failed: { code: "overloaded", say: "It is overloaded." } },
  ]);
  const client = clientOf(gateway);
  const ask = (model: string, content = "Hi") =>
    refusalOf(client.chat.completions.create({ model, messages: [{ role: "user", content }] }));
  expect(await ask("gpt-9")).toBeInstanceOf(OpenAI.NotFoundError);
  expect(await ask(plain, "")).toBeInstanceOf(OpenAI.BadRequestError);
  expect(await ask("anthropic:claude")).toMatchObject({ status: 503, type: "api_error" });
  const failed = await ask(plain);
  expect(failed).toMatchObject({ status: 500, type: "api_error", code: "overloaded" });
  expect(String(failed)).toContain("It is overloaded.");
  const stranger = new OpenAI({ baseURL: gateway.baseURL, apiKey: "wrong", maxRetries: 0 });
  expect(await refusalOf(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError);
});

test("a failure in the middle of a stream reaches the client as an error", async () => {
  const failed = { code: "network", say: "The connection broke." } as const;
  await using gateway = await startOpenAiGateway([{ text: "half", failed }]);
  const stream = await clientOf(gateway).chat.completions.create({
    ...{ model: plain, stream: true },
    messages: [{ role: "user", content: "Hi" }],
  });
  const read = async () => {
    for await (const _ of stream);
  };
  expect(String(await refusalOf(read()))).toContain("The connection broke");
});

test("an aborted stream cancels the call of the model within a second", async () => {
  const asked = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<number>();
  const slow = {
    id: "openai",
    async *complete(_: unknown, signal: AbortSignal) {
      yield { kind: "text", delta: "…" } as const;
      asked.resolve();
      signal.addEventListener("abort", () => cancelled.resolve(performance.now()), { once: true });
      await cancelled.promise;
    },
  };
  await using gateway = await startOpenAiGateway(["x"], {}, [slow]);
  const stream = await clientOf(gateway).chat.completions.create({
    ...{ model: "openai:slow", stream: true },
    messages: [{ role: "user", content: "Hi" }],
  });
  await asked.promise;
  const abortedAt = performance.now();
  stream.controller.abort();
  expect((await cancelled.promise) - abortedAt).toBeLessThan(1000);
});
