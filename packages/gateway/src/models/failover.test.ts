import { expect, test } from "bun:test";
import { scriptedProvider } from "@carapace/agent/testing";
import { startTestGateway } from "../testing/index.ts";

const overloaded = { failed: { code: "overloaded", say: "Anthropic is overloaded." } } as const;
const config = {
  agents: { defaults: { route: "main" } },
  routes: { main: { model: "anthropic:one", fallbacks: ["ollama:missing", "openai:two"] } },
};

test("a failed model's fallback answers: told in the events, the log and the status; never the built-in assistant", async () => {
  const anthropic = { ...scriptedProvider([overloaded]), id: "anthropic" };
  const openai = { ...scriptedProvider(["from two", overloaded]), id: "openai" };
  await using gateway = await startTestGateway({ config, providers: [anthropic, openai] });
  using link = await gateway.connect();
  expect((await link.call("status")).payload).not.toHaveProperty("resting");
  await link.call("chat.send", { message: "hi", sessionKey: "s", idempotencyKey: "r1" });
  expect(await link.ended("r1")).toMatchObject({ state: "final", message: { content: "from two" } });
  const told = link.events("agent").filter(({ stream }) => stream === "failover");
  expect(told.at(-1)).toMatchObject({ data: { from: "anthropic:one", model: "openai:two" } });
  const log = JSON.stringify((await link.call("logs.tail", { pattern: "^runs$" })).payload);
  expect(log).toContain("a model failed; its fallback answers");
  expect(log).toContain("Anthropic is overloaded.");
  const resting = Object((await link.call("status")).payload["resting"]);
  expect(resting).toMatchObject([
    { model: "anthropic:one", reason: "Anthropic is overloaded." },
    { model: "ollama:missing" },
  ]);
  await link.call("chat.send", { message: "again", sessionKey: "s", idempotencyKey: "r2" });
  expect(await link.ended("r2")).toMatchObject({
    state: "error",
    errorMessage: "Anthropic is overloaded. Its fallback openai:two failed, too: Anthropic is overloaded.",
  });
  expect(anthropic.requests).toHaveLength(1);
});

test("the built-in assistant is refused as a fallback", async () => {
  const wrong = { ...config, routes: { main: { model: "anthropic:one", fallbacks: ["offline:basic"] } } };
  expect(startTestGateway({ config: wrong })).rejects.toThrow(/no language model and never takes/);
});
