import { expect, test } from "bun:test";
import type { ModelRequest } from "@carapace/agent";
import { plain, responsesPath, startTestApi } from "../testing/api.ts";

const reply = async (response: Response) => Object(await response.json());

test("items in every form are read, and what is no part of the conversation is left out", async () => {
  let seen: ModelRequest | undefined;
  await using api = await startTestApi({
    replies: [
      (request) => {
        seen = request;
        return "ok";
      },
    ],
  });
  const input = [
    { role: "developer", content: "Be short." },
    { role: "user", content: [{ type: "input_text", text: "Weather?" }] },
    { type: "reasoning", summary: [] },
    { type: "function_call", call_id: "c1", name: "look", arguments: "{}" },
    { type: "function_call_output", call_id: "c1", output: [{ type: "input_text", text: "sunny" }] },
  ];
  const tools = [{ type: "function", name: "look", parameters: { type: "object" } }];
  const asked = { model: plain, instructions: "You look.", input, tools, max_output_tokens: 50 };
  expect((await api.post(responsesPath, asked)).status).toBe(200);
  expect(seen).toMatchObject({
    system: "You look.\n\nBe short.",
    maxTokens: 50,
    messages: [
      { role: "user", blocks: [{ text: "Weather?" }] },
      { role: "assistant", blocks: [{ type: "tool_use", id: "c1", name: "look" }] },
      { role: "user", blocks: [{ type: "tool_result", toolUseId: "c1", name: "look", content: "sunny" }] },
    ],
  });
});

test("calls that were made side by side are one message to the model, and so are their results", async () => {
  let seen: ModelRequest | undefined;
  await using api = await startTestApi({
    replies: [
      {
        calls: [
          { id: "c1", name: "look" },
          { id: "c2", name: "look" },
        ],
      },
      (request) => {
        seen = request;
        return "ok";
      },
    ],
  });
  const tools = [{ type: "function", name: "look" }];
  const first = await reply(await api.post(responsesPath, { model: plain, input: "Look twice", tools }));
  const output = (call_id: string, text: string) => ({ type: "function_call_output", call_id, output: text });
  const input = [output("c2", "two"), output("c1", "one")];
  await api.post(responsesPath, { model: plain, input, tools, previous_response_id: first.id });
  expect(seen?.messages).toMatchObject([
    { role: "user", blocks: [{ text: "Look twice" }] },
    { role: "assistant", blocks: [{ id: "c1" }, { id: "c2" }] },
    {
      role: "user",
      blocks: [
        { toolUseId: "c1", content: "one" },
        { toolUseId: "c2", content: "two" },
      ],
    },
  ]);
});

test("a reply that is cut off is incomplete, and says why", async () => {
  await using api = await startTestApi({ replies: [{ text: "half", stop: "max_tokens" }] });
  expect(await reply(await api.post(responsesPath, { model: plain, input: "Hi" }))).toMatchObject({
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
  });
  const streamed = await api.post(responsesPath, { model: plain, input: "Hi", stream: true });
  const events = [...(await streamed.text()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  expect(events.at(-1)).toBe("response.incomplete");
});

test("a call of a tool is complete for the vendor's clients, and incomplete for those of the OpenResponses form", async () => {
  await using api = await startTestApi({ replies: [{ calls: [{ id: "c1", name: "look" }] }] });
  const ask = async (tool: object) =>
    await reply(await api.post(responsesPath, { model: plain, input: "Hi", tools: [tool] }));
  const call = { type: "function_call", call_id: "c1", name: "look", arguments: "{}", status: "completed" };
  expect(await ask({ type: "function", name: "look" })).toMatchObject({
    status: "completed",
    output: [call],
  });
  expect(await ask({ type: "function", function: { name: "look" } })).toMatchObject({
    ...{ status: "incomplete", incomplete_details: null },
    output: [call],
  });
});

test("a failure in a stream is the event that clients know, and no [DONE] follows", async () => {
  const failed = { code: "network", say: "The connection broke." } as const;
  await using api = await startTestApi({ replies: [{ text: "half", failed }] });
  const text = await (await api.post(responsesPath, { model: plain, input: "Hi", stream: true })).text();
  const last = text.trimEnd().split("\n").at(-1)?.slice("data: ".length) ?? "";
  expect(JSON.parse(last)).toMatchObject({
    type: "response.failed",
    response: { status: "failed", error: { code: "network", message: failed.say } },
  });
});

test("what is not to be stored is not there to go on from", async () => {
  await using api = await startTestApi({ replies: ["x"] });
  const first = await reply(await api.post(responsesPath, { model: plain, input: "Hi", store: false }));
  for (const previous_response_id of [first.id, "resp_unknown", "__proto__"]) {
    const refused = await api.post(responsesPath, { model: plain, input: "And?", previous_response_id });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { param: "previous_response_id", code: "previous_response_not_found" },
    });
  }
});

test("items are found again by their ids, and unknown ones are refused", async () => {
  let seen: ModelRequest | undefined;
  await using api = await startTestApi({
    replies: [
      "I am Cara.",
      (request) => {
        seen = request;
        return "ok";
      },
    ],
  });
  const first = await reply(await api.post(responsesPath, { model: plain, input: "Who?" }));
  const reference = (id: string) => [
    { role: "user", content: "Who?" },
    { type: "item_reference", id },
    { role: "user", content: "And?" },
  ];
  await api.post(responsesPath, { model: plain, input: reference(first.output[0].id) });
  expect(seen?.messages[1]).toMatchObject({ role: "assistant", blocks: [{ text: "I am Cara." }] });
  const refused = await api.post(responsesPath, { model: plain, input: reference("msg_unknown") });
  expect([refused.status, (await reply(refused)).error.param]).toEqual([400, "input.1.id"]);
});
