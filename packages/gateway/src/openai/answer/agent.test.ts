import { expect, test } from "bun:test";
import type { ModelRequest } from "@carapace/agent";
import { chatOf, chatPath, plain, responsesPath, startTestApi, textOf } from "../testing/api.ts";

const textsIn = ({ messages }: ModelRequest) =>
  messages.map(
    ({ role, blocks }) => `${role}: ${blocks.map((b) => (b.type === "text" ? b.text : b.type)).join("|")}`,
  );

/** A model that writes down what it was asked. */
function recording(...answers: readonly string[]) {
  const requests: ModelRequest[] = [];
  const replies = answers.map((answer) => (request: ModelRequest) => {
    requests.push(request);
    return answer;
  });
  return { replies, requests };
}

test("an agent has its prompt, what the client adds to it, and its tools", async () => {
  const { replies, requests } = recording("ok");
  const agents = { defaults: { system: "You are Cara." } };
  await using api = await startTestApi({ replies, agents });
  const messages = [
    { role: "system", content: "Be short." },
    { role: "user", content: "Hi" },
  ];
  const asked = { model: "carapace", messages, temperature: 0.3, max_tokens: 99, top_p: 0.5 };
  expect(await textOf(await api.post(chatPath, asked))).toBe("ok");
  expect(requests[0]?.system).toContain("You are Cara.\n\nBe short.");
  expect(requests[0]?.tools.map(({ name }) => name)).toContain("current_time");
  expect(requests[0]).toMatchObject({ temperature: 0.3, maxTokens: 99, reply: { topP: 0.5 } });
});

test("a model asked as it is gets the client's words and nothing else", async () => {
  const { replies, requests } = recording("ok");
  await using api = await startTestApi({ replies, agents: { defaults: { system: "You are Cara." } } });
  await api.post(chatPath, chatOf(plain, "Hi", "Hello", "And?"));
  const [request] = requests;
  expect(request?.system).toBeUndefined();
  expect(request?.tools).toEqual([]);
  expect(request && textsIn(request)).toEqual(["user: Hi", "assistant: Hello", "user: And?"]);
});

test("a request without a conversation gets one of its own, which goes with it", async () => {
  const { replies, requests } = recording("one", "two");
  await using api = await startTestApi({ replies });
  await api.post(chatPath, chatOf("carapace", "Hi", "Hello", "And?"));
  await api.post(chatPath, chatOf("carapace", "Who?"));
  expect(requests.map(textsIn)).toEqual([["user: Hi", "assistant: Hello", "user: And?"], ["user: Who?"]]);
  using link = await api.gateway.connect();
  expect((await link.call("sessions.list")).payload["count"]).toBe(0);
});

test("a user, or a session's key, has a conversation that remembers", async () => {
  const { replies, requests } = recording("one", "two", "three", "four");
  await using api = await startTestApi({ replies });
  await api.post(chatPath, { ...chatOf("carapace", "My name is Ann"), user: "ann" });
  // The whole conversation again, as clients send it: what is remembered is not told twice.
  await api.post(chatPath, { ...chatOf("carapace", "My name is Ann", "one", "My name?"), user: "ann" });
  const headers = { "X-Carapace-Session-Key": "kitchen" };
  // What came before its first request belongs to a conversation that begins with it.
  await api.post(chatPath, chatOf("carapace", "Hi", "Hello", "Salt is out"), { headers });
  await api.post(responsesPath, { model: "carapace", input: "What is out?" }, { headers });
  expect(requests.map(textsIn)).toEqual([
    ["user: My name is Ann"],
    ["user: My name is Ann", "assistant: one", "user: My name?"],
    ["user: Hi", "assistant: Hello", "user: Salt is out"],
    ["user: Hi", "assistant: Hello", "user: Salt is out", "assistant: three", "user: What is out?"],
  ]);
});

test("what a client wants to be gone on with keeps its label: nobody knows what the model had read", async () => {
  const { replies, requests } = recording("one");
  await using api = await startTestApi({ replies });
  await api.post(chatPath, chatOf("carapace", "Hi", "The page says"));
  const origins = requests[0]?.messages.flatMap(({ blocks }) =>
    blocks.flatMap((block) => ("origin" in block ? [block.origin] : [])),
  );
  expect(origins).toEqual([
    { kind: "owner", ref: "openai" },
    { kind: "model", from: ["imported"] },
  ]);
});

test("only the answer is given, not what the agent said on the way to it; a stream has both", async () => {
  const replies = [{ text: "Looking.", calls: [{ name: "current_time" }] }, "It is late."];
  const chat = chatOf("carapace", "How late is it?");
  await using first = await startTestApi({ replies });
  expect(await textOf(await first.post(chatPath, chat))).toBe("It is late.");
  await using second = await startTestApi({ replies });
  const streamed = await (await second.post(chatPath, { ...chat, stream: true })).text();
  const said = [...streamed.matchAll(/"content":"([^"]*)"/g)].map(([, delta]) => delta).join("");
  expect(said).toBe("Looking.\\n\\nIt is late.");
  expect(streamed).not.toContain("tool_calls");
});

test("the same Idempotency-Key is one turn, with the same answer, and another request under it is refused", async () => {
  const { replies, requests } = recording("one", "two");
  await using api = await startTestApi({ replies });
  const headers = { "Idempotency-Key": "k1" };
  const chat = chatOf("carapace", "Hi");
  expect(await textOf(await api.post(chatPath, chat, { headers }))).toBe("one");
  expect(await textOf(await api.post(chatPath, chat, { headers }))).toBe("one");
  expect(requests).toHaveLength(1);
  const other = await api.post(chatPath, chatOf("carapace", "Ho"), { headers });
  expect([other.status, Object(await other.json()).error.code]).toEqual([422, "idempotency_key_reused"]);
});

test("two requests with one Idempotency-Key at the same time are one turn", async () => {
  const go = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let count = 0;
  const before = () => {
    count += 1;
    asked.resolve();
    return go.promise;
  };
  await using api = await startTestApi({ replies: [{ text: "one", before }] });
  const headers = { "Idempotency-Key": "k1" };
  const first = api.post(chatPath, chatOf("carapace", "Hi"), { headers });
  await asked.promise;
  const second = api.post(chatPath, chatOf("carapace", "Hi"), { headers });
  const third = api.post(chatPath, chatOf("carapace", "Hi"), { headers });
  go.resolve();
  expect(await Promise.all([first, second, third].map(async (one) => textOf(await one)))).toEqual([
    "one",
    "one",
    "one",
  ]);
  expect(count).toBe(1);
});

test("the client's own tools are for a model; an agent that is named keeps its own", async () => {
  const { replies, requests } = recording("ok", "ok");
  await using api = await startTestApi({ replies, agents: { defaults: { system: "You are Cara." } } });
  const tools = [{ type: "function", function: { name: "mine" } }];
  expect((await api.post(chatPath, { ...chatOf("carapace", "Hi"), tools })).status).toBe(200);
  expect(requests[0]?.tools.map(({ name }) => name)).toEqual(["mine"]);
  expect(requests[0]?.system).toBe("You are Cara.");
  const named = { ...chatOf("carapace:main", "Hi"), tools };
  const refused = await api.post(chatPath, named);
  expect([refused.status, Object(await refused.json()).error.param]).toEqual([400, "tools"]);
  const headers = { "X-Carapace-Session-Key": "kitchen" };
  expect((await api.post(chatPath, { ...chatOf("carapace", "Hi"), tools }, { headers })).status).toBe(400);
  expect(requests).toHaveLength(1);
});

test.each([true, false])(
  "a client that goes away ends its turn within a second (stream: %p)",
  async (stream) => {
    await using api = await startTestApi({ replies: [{ text: "half", hang: true }] });
    using link = await api.gateway.connect();
    const client = new AbortController();
    const answer = api
      .post(chatPath, { ...chatOf("carapace", "Hi"), stream }, { signal: client.signal })
      .then((response) => response.text())
      .catch(() => "gone");
    await link.event("agent", ({ stream: step }) => step === "text");
    const leftAt = performance.now();
    client.abort();
    await link.event("chat", ({ state }) => state === "aborted");
    expect(performance.now() - leftAt).toBeLessThan(1000);
    expect(await answer).toBe("gone");
  },
);

test("what a turn fails with is told: 500, or in the stream", async () => {
  const failed = { code: "quota", say: "There is no money left." } as const;
  await using api = await startTestApi({ replies: [{ failed }] });
  const refused = await api.post(chatPath, chatOf("carapace", "Hi"));
  expect(refused.status).toBe(500);
  expect(await refused.json()).toMatchObject({ error: { type: "api_error", message: failed.say } });
  const streamed = await api.post(chatPath, { ...chatOf("carapace", "Hi"), stream: true });
  const text = await streamed.text();
  expect(streamed.status).toBe(200);
  expect(text).toContain(`"error":{"message":"${failed.say}","type":"api_error"`);
  expect(text).toEndWith("data: [DONE]\n\n");
});
