import { describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "@carapace/config";
import { agentIdentity, listAgents } from "./list.ts";
import { modelString } from "./model-string.ts";
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

/** The model string of the settings. */
async function model(content: unknown, question: Partial<AgentQuestion> = {}): Promise<string> {
  const found = await settings(content, question);
  return found.ok ? modelString(found.value.model) : found.code;
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
  ] as const)("%s", async (_name, question, expected) => {
    expect(await model({ routes, agents }, question)).toBe(expected);
  });

  test("the fallback, only when nobody names one", async () => {
    const fallbackModel = "offline:basic";
    expect(await model({}, { fallbackModel })).toBe("offline:basic");
    expect(await model({ agents: { defaults: { model: "openai:d" } } }, { fallbackModel })).toBe("openai:d");
  });
});

test("fallbacks are those of the route that gives the model; a model named by itself has none", async () => {
  const config = {
    routes: { fast: { model: "openai:fast", fallbacks: ["ollama:a:b", "anthropic:c"] } },
    agents: { defaults: { route: "fast" }, list: [{ id: "own", model: "openai:own" }] },
  };
  const found = async (request: AgentQuestion["request"]) => {
    const agent = await settings(config, { request });
    return agent.ok ? agent.value.fallbacks?.map(modelString) : agent.code;
  };
  expect(await found({})).toEqual(["ollama:a:b", "anthropic:c"]);
  expect(await found({ agentId: "own" })).toBeUndefined();
  expect(await found({ model: "openai:other" })).toBeUndefined();
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
  test.each([
    ["xyz:a", "unknown model provider"],
    ["claude-x", "anthropic:claude-x"],
    ["openai:", "without a model"],
  ])("the model %j, with what to write instead", async (text, say) => {
    const refused = await settings({}, { request: { model: text } });
    expect(refused).toMatchObject({
      ok: false,
      code: "invalid_request",
      say: expect.stringContaining(say),
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
      model: { provider: "openai", model: "d" },
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

test("the prefix of a model is read without regard to case, and its name may hold colons", async () => {
  const found = await settings({}, { session: { model: " Ollama:qwen3:30b " } });
  expect(found).toMatchObject({ value: { model: { provider: "ollama", model: "qwen3:30b" } } });
});

test.each([
  ["allowall", "allow-all"],
  ["Allow_All", "allow-all"],
  ["allow-all", "deny-list"],
  ["denylist", "deny-list"],
])(
  "the short tool policy %j of an entry gives %s over a deny-list of the defaults",
  async (toolPolicy, policy) => {
    const tools = { policy: "deny-list", list: ["x"] };
    const agents = {
      defaults: { model: "openai:d", tools },
      list: [{ id: "work", default: true, toolPolicy }],
    };
    expect(await settings({ agents })).toMatchObject({ value: { tools: { policy } } });
  },
);

test("the short tool policy counts for the defaults too, and their long form wins", async () => {
  const defaults = { model: "openai:d", toolPolicy: "allowall" };
  expect(await settings({ agents: { defaults } })).toMatchObject({
    value: { tools: { policy: "allow-all" } },
  });
  const tools = { policy: "allow-list", list: ["time"] };
  expect(await settings({ agents: { defaults: { ...defaults, tools } } })).toMatchObject({
    value: { tools },
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
