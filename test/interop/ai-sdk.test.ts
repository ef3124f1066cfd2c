import { describe, expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { type OpenAiGateway, plain, startOpenAiGateway, weatherReplies } from "./openai-gateway.ts";

const kinds = ["chat", "responses"] as const;

function modelOf({ baseURL, token }: OpenAiGateway, kind: (typeof kinds)[number], name = plain) {
  return createOpenAI({ baseURL, apiKey: token })[kind](name);
}

const tools = {
  get_weather: tool({
    description: "The weather of a city",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `sunny in ${city}`,
  }),
};

describe.each(kinds)("the Vercel AI SDK, by %s,", (kind) => {
  test.each(["carapace", plain])("gets a text from %s", async (name) => {
    await using gateway = await startOpenAiGateway([
      { text: "Hello!", usage: { inputTokens: 10, outputTokens: 5 } },
    ]);
    const { text, usage, finishReason } = await generateText({
      ...{ model: modelOf(gateway, kind, name), prompt: "Hi", maxRetries: 0 },
    });
    expect([text, finishReason, usage.inputTokens, usage.outputTokens]).toEqual(["Hello!", "stop", 10, 5]);
  });

  test.each(["carapace", plain])("gets a stream from %s", async (name) => {
    await using gateway = await startOpenAiGateway([{ text: ["Hel", "lo", "!"] }]);
    const { textStream, finishReason } = streamText({ model: modelOf(gateway, kind, name), prompt: "Hi" });
    const deltas: string[] = [];
    for await (const delta of textStream) deltas.push(delta);
    expect(deltas.join("")).toBe("Hello!");
    expect(await finishReason).toBe("stop");
  });

  test("has its tools called and hands back their results", async () => {
    await using gateway = await startOpenAiGateway(weatherReplies);
    const { text, steps } = await generateText({
      ...{ model: modelOf(gateway, kind), prompt: "How is the weather?", tools, stopWhen: stepCountIs(3) },
    });
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(text).toContain("sunny in Tokyo");
  });

  test("has its tools called in a stream", async () => {
    await using gateway = await startOpenAiGateway(weatherReplies);
    const { text } = streamText({
      ...{ model: modelOf(gateway, kind), prompt: "How is the weather?", tools, stopWhen: stepCountIs(3) },
    });
    expect(await text).toContain("sunny in Tokyo");
  });

  test("gets an object", async () => {
    let asked: unknown;
    await using gateway = await startOpenAiGateway([
      ({ reply }) => {
        asked = reply?.json?.schema;
        return '{"name":"Cara"}';
      },
    ]);
    const schema = z.object({ name: z.string() });
    const { output } = await generateText({
      ...{ model: modelOf(gateway, kind), prompt: "Who are you?", output: Output.object({ schema }) },
    });
    expect(output).toEqual({ name: "Cara" });
    expect(asked).toMatchObject({ type: "object", required: ["name"] });
  });

  test("sends a picture, which reaches the model with its bytes", async () => {
    let seen: number | undefined;
    await using gateway = await startOpenAiGateway([
      ({ media }) => {
        seen = [...(media?.values() ?? [])][0]?.length;
        return "A dot.";
      },
    ]);
    const image = Buffer.from(onePixel, "base64");
    const { text } = await generateText({
      model: modelOf(gateway, kind, "carapace"),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "file", mediaType: "image/png", data: image },
          ],
        },
      ],
    });
    expect([text, seen]).toEqual(["A dot.", image.length]);
  });

  test("is told what is wrong", async () => {
    await using gateway = await startOpenAiGateway(["x"]);
    const asked = generateText({ model: modelOf(gateway, kind, "gpt-9"), prompt: "Hi", maxRetries: 0 });
    const error = await asked.catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(APICallError);
    expect(String(error)).toContain("does not name its provider");
  });
});

/** A PNG of one pixel. */
const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
