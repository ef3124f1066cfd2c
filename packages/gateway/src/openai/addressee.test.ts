import { expect, test } from "bun:test";
import { addresseeOf } from "./addressee.ts";

const none = new Headers();

test.each([
  ["carapace", { kind: "agent", isNamed: false }],
  [" Carapace ", { kind: "agent", isNamed: false }],
  ["carapace:mail", { kind: "agent", agentId: "mail", isNamed: true }],
  ["agent:main", { kind: "agent", agentId: "main", isNamed: true }],
  ["route:fast", { kind: "route", route: "fast" }],
  ["ollama:qwen3:30b", { kind: "model", model: "ollama:qwen3:30b" }],
  ["gpt-9", { kind: "model", model: "gpt-9" }],
  ["__proto__", { kind: "model", model: "__proto__" }],
])("%s names who is asked", (model, value) => {
  expect(addresseeOf(model, none)).toEqual({ ok: true, value } as never);
});

test("the agent's header wins over an agent in the model's name, and keeps a model", () => {
  const headers = new Headers({ "X-Carapace-Agent-Id": "special" });
  expect(addresseeOf("carapace:mail", headers)).toMatchObject({ value: { agentId: "special" } });
  expect(addresseeOf("openai:gpt-5", headers)).toMatchObject({
    value: { kind: "agent", agentId: "special", model: "openai:gpt-5" },
  });
  expect(addresseeOf("carapace", new Headers({ "X-Carapace-Agent": "other" }))).toMatchObject({
    value: { agentId: "other" },
  });
});

test("a prefix without an id, and an endless id, are refused", () => {
  expect(addresseeOf("agent: ", none)).toMatchObject({ ok: false, error: { status: 400, param: "model" } });
  const endless = new Headers({ "X-Carapace-Agent-Id": "a".repeat(256) });
  expect(addresseeOf("carapace", endless)).toMatchObject({ ok: false, error: { status: 400 } });
});
