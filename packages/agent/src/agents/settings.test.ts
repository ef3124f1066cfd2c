import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "@carapace/config";
import { agentIdentity, listAgents } from "./list.ts";
import { type AgentQuestion, agentSettings } from "./settings.ts";

/** The effective configuration of a file with this content. */
async function configOf(content: unknown): Promise<Config> {
  const dir = await mkdtemp(join(tmpdir(), "carapace-agent-"));
  try {
    const path = join(dir, "carapace.json5");
    await writeFile(path, JSON.stringify(content), { mode: 0o600 });
    const loaded = await loadConfig({ env: { HOME: dir }, path });
    if (!loaded.ok) throw new Error(loaded.say);
    return loaded.value.config;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function settings(content: unknown, question: Partial<AgentQuestion> = {}) {
  return agentSettings({ config: await configOf(content), request: {}, session: {}, ...question });
}

const routes = { fast: { model: "openai:fast" }, deep: { model: "anthropic:deep" } };

describe("the model is", () => {
  const agents = {
    defaults: { route: "deep", model: "openai:d" },
    list: [
      { id: "work", route: "fast", model: "openai:w" },
      { id: "plain", model: "openai:p" },
      { id: "none" },
    ],
  };
  test.each([
    ["request.route", { request: { route: "fast" }, session: { model: "openai:s" } }, "openai:fast"],
    ["request.model", { request: { model: "openai:r" }, session: { route: "deep" } }, "openai:r"],
    ["session.route", { session: { route: "fast", model: "openai:s" } }, "openai:fast"],
    ["session.model", { session: { model: "openai:s" }, request: { agentId: "work" } }, "openai:s"],
    ["agent.route", { request: { agentId: "work" } }, "openai:fast"],
    ["agent.model", { request: { agentId: "plain" } }, "openai:p"],
    ["defaults.route", { request: { agentId: "none" } }, "anthropic:deep"],
    ["blank counts as absent", { request: { route: " ", model: "" } }, "anthropic:deep"],
    ["the session's agent", { session: { agentId: "plain" } }, "openai:p"],
  ] as const)("%s", async (_name, question, model) => {
    expect(await settings({ routes, agents }, question)).toMatchObject({ ok: true, value: { model } });
  });

  test("the fallback, only when nobody names one", async () => {
    const fallbackModel = "offline:basic";
    expect(await settings({}, { fallbackModel })).toMatchObject({ value: { model: "offline:basic" } });
    expect(await settings({ agents: { defaults: { model: "openai:d" } } }, { fallbackModel })).toMatchObject({
      value: { model: "openai:d" },
    });
  });
});

describe("refused:", () => {
  test("a request with route and model", async () => {
    const refused = await settings({ routes }, { request: { route: "fast", model: "openai:x" } });
    expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
  });
  test("an unknown route, even if a model is named further down", async () => {
    const refused = await settings(
      { agents: { defaults: { model: "openai:d" } } },
      { session: { route: "gone" } },
    );
    expect(refused).toMatchObject({ ok: false, code: "unknown_route" });
    expect(JSON.stringify(refused)).not.toContain("gone");
  });
  test("a route by the name of an object's own method", async () => {
    expect(await settings({}, { request: { route: "constructor" } })).toMatchObject({
      ok: false,
      code: "unknown_route",
    });
  });
  test("no model at all", async () => {
    expect(await settings({})).toMatchObject({ ok: false, code: "missing_model" });
  });
});

test("the entry stands over the defaults, and these over what is built in", async () => {
  const agents = {
    defaults: {
      model: "openai:d",
      maxTurns: 7,
      system: "Default.",
      timeoutSeconds: 90,
      tools: { policy: "deny-list", list: ["x"] },
    },
    list: [{ id: "work", default: true, maxTokens: 99, temperature: 0.5, system: "Work." }],
  };
  expect(await settings({ agents })).toEqual({
    ok: true,
    value: {
      agentId: "work",
      model: "openai:d",
      system: "Work.",
      maxTurns: 7,
      maxTokens: 99,
      temperature: 0.5,
      contextTokens: 200_000,
      timeoutSeconds: 90,
      tools: { policy: "deny-list", list: ["x"] },
    },
  });
});

test("a request's own prompt replaces the configured one, and a blank one does not", async () => {
  const agents = { defaults: { model: "openai:d", system: "Default." } };
  expect(await settings({ agents }, { request: { system: "Mine." } })).toMatchObject({
    value: { system: "Mine." },
  });
  expect(await settings({ agents }, { request: { system: "  " } })).toMatchObject({
    value: { system: "Default." },
  });
});

test("a tool policy nobody understands denies everything", async () => {
  const agents = { defaults: { model: "openai:d", tools: { policy: "most", list: ["x"] } } };
  const value = await settings({ agents });
  expect(value.ok && value.value.tools).toMatchObject({ policy: "allow-list" });
});

test("agents are listed with the model each would use", async () => {
  const agents = {
    defaults: { route: "deep" },
    list: [
      { id: "a", identity: { name: "Ann", description: "first" } },
      { id: "b", default: true },
    ],
  };
  const config = await configOf({ routes, agents });
  const list = listAgents(config);
  expect(list).toMatchObject({
    defaultId: "b",
    count: 2,
    agents: [
      { id: "a", name: "Ann", model: "anthropic:deep" },
      { id: "b", name: "b" },
    ],
  });
  expect(agentIdentity(config, "a")).toEqual({ agentId: "a", name: "Ann", description: "first" });
  expect(agentIdentity(config)).toMatchObject({ agentId: "b" });
  expect(agentIdentity(config, "nobody")).toBeUndefined();
});

test("without configured agents there is one, named Carapace", async () => {
  const config = await configOf({});
  expect(listAgents(config)).toMatchObject({
    defaultId: "default",
    agents: [{ id: "default", name: "Carapace", default: true, model: null }],
  });
});
