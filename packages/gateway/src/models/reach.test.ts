import { expect, test } from "bun:test";
import type { Provider, ProviderFailureCode } from "@carapace/agent";
import { type ScriptedReply, scriptedProvider } from "@carapace/agent/testing";
import { startTestGateway } from "../testing/index.ts";
import { createReach } from "./reach.ts";

const failing = (code: ProviderFailureCode): ScriptedReply => ({
  failed: { code, say: `It failed: ${code}.` },
});
const provider = (id: string, ...replies: ScriptedReply[]): Provider => ({
  ...scriptedProvider(replies),
  id,
});

async function ask({ complete }: Provider): Promise<void> {
  const request = { model: "m", messages: [], tools: [], maxTokens: 10 };
  for await (const _ of complete(request, new AbortController().signal));
}

test("what a provider did last counts for 30 s, then nobody knows", async () => {
  let now = 0;
  const reach = createReach(() => now);
  const ollama = reach.watch(provider("ollama", failing("network"), "hello"));
  expect(reach.latest()).toBeUndefined();
  await ask(ollama);
  now = 30_000;
  expect(reach.latest()).toEqual({ isReachable: false, say: "It failed: network." });
  now = 30_001;
  expect(reach.latest()).toBeUndefined();
  await ask(ollama);
  expect(reach.latest()).toEqual({ isReachable: true });
});

test("one provider that answers is enough", async () => {
  const reach = createReach(() => 0);
  await ask(reach.watch(provider("ollama", failing("timeout"))));
  await ask(reach.watch(provider("anthropic", "hello")));
  expect(reach.latest()).toEqual({ isReachable: true });
});

test("a provider that refuses one request was reached; one that takes no key cannot be used", async () => {
  const reach = createReach(() => 0);
  for (const code of ["bad_request", "context_overflow", "content_filter", "rate_limit"] as const) {
    await ask(reach.watch(provider("openai", failing(code))));
    expect(reach.latest()).toEqual({ isReachable: true });
  }
  await ask(reach.watch(provider("openai", failing("auth"))));
  expect(reach.latest()).toMatchObject({ isReachable: false });
});

test("an answer that breaks off in the middle is a failure", async () => {
  const reach = createReach(() => 0);
  await ask(reach.watch(provider("openai", { text: "hel", failed: { code: "network", say: "It broke." } })));
  expect(reach.latest()).toEqual({ isReachable: false, say: "It broke." });
});

test("the built-in assistant tells nothing about language models", async () => {
  const reach = createReach(() => 0);
  await ask(reach.watch({ ...provider("offline", "hello"), isLanguageModel: false }));
  expect(reach.latest()).toBeUndefined();
});

test("a gateway whose model fails is not ready, says why to its owner, and is again with the next answer", async () => {
  await using gateway = await startTestGateway({
    config: { agents: { defaults: { model: "ollama:m" } } },
    providers: [provider("ollama", failing("network"), "hello")],
  });
  const origin = gateway.gateway.url.replace(/^ws/, "http").replace(/\/ws$/, "");
  const headers = { Authorization: `Bearer ${gateway.token}` };
  const read = async (path: string) => (await fetch(`${origin}${path}`, { headers })).json();
  expect(await read("/control/status")).not.toHaveProperty("llmReachable");
  using link = await gateway.connect();
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: "r1" });
  await link.ended("r1");
  expect((await fetch(`${origin}/health/ready`)).status).toBe(503);
  expect(await read("/health/ready?verbose=1")).toMatchObject({
    failing: [{ name: "provider", say: "no language model could be used just now: It failed: network." }],
  });
  expect(await read("/control/status")).toMatchObject({ llmReachable: false });
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: "r2" });
  await link.ended("r2");
  expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
  expect(await read("/control/status")).toMatchObject({ llmReachable: true });
});
