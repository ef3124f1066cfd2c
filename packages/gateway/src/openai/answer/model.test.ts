import { expect, test } from "bun:test";
import type { ModelRequest } from "@carapace/agent";
import { chatOf, chatPath, plain, responsesPath, startTestApi, textOf } from "../testing/api.ts";

test("a completion is recorded in the usage, with its price", async () => {
  const usage = { pricing: { default: { inputCostPerMTok: 1_000_000, outputCostPerMTok: 0 } } };
  await using api = await startTestApi({
    replies: [{ text: "x", usage: { inputTokens: 10, outputTokens: 5 } }],
    config: { gateway: { openai: { chatCompletions: true } }, usage },
  });
  await api.post(chatPath, chatOf(plain, "Hi"));
  using link = await api.gateway.connect();
  const cost = await link.call("usage.status");
  expect(JSON.stringify(cost.payload)).toContain('"inputTokens":10');
});

test("secrets that the gateway holds are cut out of texts and calls, streamed or not", async () => {
  const secret = "correct-horse-battery-staple-7";
  const reply = {
    text: ["The key is correct-horse", "-battery-staple-7, keep it."],
    calls: [{ name: "mine", input: { note: `use ${secret}` } }],
  };
  await using api = await startTestApi({ replies: [reply], env: { OPENAI_API_KEY: secret } });
  const tools = [{ type: "function", name: "mine" }];
  const flat = [{ type: "function", function: { name: "mine" } }];
  const answers = [
    await api.post(chatPath, { ...chatOf(plain, "Hi"), tools: flat }),
    await api.post(chatPath, { ...chatOf(plain, "Hi"), tools: flat, stream: true }),
    await api.post(responsesPath, { model: plain, input: "Hi", tools, stream: true }),
  ];
  for (const answer of answers) {
    const text = await answer.text();
    expect(text).not.toContain("horse");
    expect(text).toContain("mine");
  }
});

test("as many replies are made at a time as agents.defaults.maxConcurrent allows; the next is told when to come back", async () => {
  const go = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let count = 0;
  const before = () => {
    count += 1;
    if (count === 2) asked.resolve();
    return go.promise;
  };
  await using api = await startTestApi({
    replies: [{ text: "done", before }],
    agents: { defaults: { maxConcurrent: 2 } },
  });
  const first = api.post(chatPath, chatOf(plain, "Hi"));
  const second = api.post(chatPath, { ...chatOf(plain, "Hi"), stream: true });
  await asked.promise;
  const third = await api.post(chatPath, chatOf(plain, "Hi"));
  expect([third.status, third.headers.get("retry-after")]).toEqual([503, "1"]);
  go.resolve();
  expect(await textOf(await first)).toBe("done");
  // In however many pieces it comes.
  const pieces = [...(await (await second).text()).matchAll(/"content":"(\w*)"/g)];
  expect(pieces.map(([, piece]) => piece).join("")).toBe("done");
  expect(await textOf(await api.post(chatPath, chatOf(plain, "Hi")))).toBe("done");
});

test("streams side by side do not mix", async () => {
  const echo = (request: ModelRequest) => {
    const [block] = request.messages[0]?.blocks ?? [];
    const word = block?.type === "text" ? block.text : "";
    return { text: Array.from({ length: 50 }, () => `${word} `) };
  };
  await using api = await startTestApi({ replies: [echo], agents: { defaults: { maxConcurrent: 20 } } });
  const words = Array.from({ length: 20 }, (_, index) => `word${index}`);
  const streams = words.map(async (word, index) => {
    const model = index % 2 === 0 ? plain : "carapace";
    const answer = await api.post(chatPath, { ...chatOf(model, word), stream: true });
    const deltas = [...(await answer.text()).matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text);
    return deltas.join("").trim().split(" ");
  });
  for (const [index, said] of (await Promise.all(streams)).entries())
    expect(said).toEqual(Array.from({ length: 50 }, () => `word${index}`));
});

test("the switches work without a restart", async () => {
  await using api = await startTestApi({ replies: ["x"], config: { gateway: {} } });
  const statuses = async () => [
    (await api.post(chatPath, chatOf(plain, "Hi"))).status,
    (await api.post(responsesPath, { model: plain, input: "Hi" })).status,
    (await api.get("/v1/models")).status,
  ];
  expect(await statuses()).toEqual([404, 404, 404]);
  const config = { gateway: { openai: { responses: true } } };
  await Bun.write(`${api.gateway.stateDir}/carapace.json`, JSON.stringify(config));
  await api.gateway.gateway.reload();
  expect(await statuses()).toEqual([404, 200, 200]);
});

test("whoever has no credential is refused before the body is looked at", async () => {
  await using api = await startTestApi({ replies: ["x"] });
  const headers = { Authorization: "Bearer wrong" };
  for (const path of [chatPath, responsesPath]) {
    const refused = await api.post(path, "{", { headers });
    expect(refused.status).toBe(401);
    const error = { message: "Unauthorized", type: "invalid_request_error", param: null, code: null };
    expect(await refused.json()).toEqual({ error });
  }
});

test("a body of more than 4 MiB is refused", async () => {
  await using api = await startTestApi({ replies: ["x"] });
  const refused = await api.post(chatPath, chatOf(plain, "x".repeat(4 * 1024 * 1024)));
  expect(refused.status).toBe(413);
});
