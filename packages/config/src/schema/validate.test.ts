import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { loadConfig } from "../load-config.ts";
import { testFolder } from "../testing/folder.ts";

async function load(tree: unknown, env: Readonly<Record<string, string>> = {}) {
  using folder = testFolder({ "carapace.json5": JSON.stringify(tree) });
  const loaded = await loadConfig({ env: { ...folder.env, ...env } });
  if (!loaded.ok) throw new Error(loaded.say);
  return loaded.value;
}

async function issuesOf(tree: unknown, env: Readonly<Record<string, string>> = {}) {
  const { issues } = await load(tree, env);
  return issues.map((issue) => `${issue.severity} ${issue.path}`).sort();
}

test("an empty file has no issue and every default", async () => {
  const { config, issues } = await load({});
  expect(issues).toEqual([]);
  expect(config).toMatchObject({
    gateway: {
      port: 18789,
      bind: "loopback",
      reload: { mode: "hybrid", debounceMs: 300 },
      ws: { maxConnections: 1024, maxPerIp: 32 },
    },
    agents: { defaults: { maxConcurrent: 4, timeoutSeconds: 300, contextTokens: 200000 }, list: [] },
    session: { scope: "per-sender", mainKey: "main" },
    logging: { level: "info", consoleStyle: "pretty", redactSensitive: "tools" },
    cron: { enabled: true, maxConcurrentRuns: 2 },
    messages: { ackReactionScope: "group-mentions" },
    vertex: { gcloudTokenTimeoutMs: 10000, globalModels: ["gemini-3*"] },
    filesystem: { enabled: false, roots: [], maxReadBytes: 10485760 },
    routes: {},
  });
  expect(config.openai).toBeUndefined();
});

test("the project and region of Vertex come from variables where the file has none", async () => {
  const env = { VERTEX_PROJECT_ID: "p", VERTEX_LOCATION: " europe-west4 " };
  expect((await load({}, env)).config.vertex).toMatchObject({ projectId: "p", location: "europe-west4" });
  const file = { vertex: { projectId: "own", location: "us-east1" } };
  expect((await load(file, env)).config.vertex).toMatchObject(file.vertex);
  expect((await load({}, { VERTEX_LOCATION: " " })).config.vertex.location).toBe("us-central1");
  expect((await load({ env: { VERTEX_PROJECT_ID: "q" } })).config.vertex.projectId).toBe("q");
});

test("main stays the main key, whatever the file says", async () => {
  expect((await load({ session: { mainKey: "other" } })).config.session.mainKey).toBe("main");
});

test.each([
  [{ gateway: { port: 0 } }, "error .gateway.port"],
  [{ gateway: { port: "80" } }, "error .gateway.port"],
  [{ gateway: { port: 1.5 } }, "error .gateway.port"],
  [{ gateway: { auth: { mode: "all" } } }, "error .gateway.auth.mode"],
  [{ gateway: { auth: { password: 1 } } }, "error .gateway.auth.password"],
  [{ gateway: { hooks: { token: [] } } }, "error .gateway.hooks.token"],
  [{ hooks: {} }, "error .hooks"],
  [{ openai: { apiKey: 5 } }, "error .openai.apiKey"],
  [{ providers: { ollama: { apiKey: {} } } }, "error .providers.ollama.apiKey"],
  [{ models: { providers: { openai: { apiKey: 1 } } } }, "error .models.providers.openai.apiKey"],
  [{ slack: { signingSecret: 1 } }, "error .slack.signingSecret"],
  [{ vertex: { projectId: 1 } }, "error .vertex.projectId"],
  [{ vertex: { globalModels: ["a b"] } }, "error .vertex.globalModels[0]"],
  [{ auth: { profiles: { redirectBaseUrl: "https://x.org/path" } } }, "error .auth.profiles.redirectBaseUrl"],
  [{ auth: { profiles: { redirectBaseUrl: "ftp://x.org" } } }, "error .auth.profiles.redirectBaseUrl"],
  [
    { auth: { profiles: { providers: { github: { redirectUri: "https://u@x.org" } } } } },
    "error .auth.profiles.providers.github.redirectUri",
  ],
  [{ agents: { defaults: { model: "gpt-5" } } }, "error .agents.defaults.model"],
  [{ agents: { list: [{ id: "a", model: 5 }] } }, "error .agents.list[0].model"],
  [{ agents: { list: [{ max_tokens: 5 }] } }, "error .agents.list[0].max_tokens"],
  [{ agents: { defaults: { timeout: 5 } } }, "error .agents.defaults.timeout"],
  [{ agents: { prompt_guard: {} } }, "error .agents.prompt_guard"],
  [{ agents: { promptGuard: { configLint: {} } } }, "error .agents.promptGuard.configLint"],
  [{ agents: { outputSanitizer: { csp_policy: "" } } }, "error .agents.outputSanitizer.csp_policy"],
  [{ routes: { Fast: { model: "openai:x" } } }, "error .routes.Fast"],
  [{ routes: { fast: {} } }, "error .routes.fast.model"],
  [{ routes: { fast: "openai:x" } }, "error .routes.fast"],
  [{ agents: { defaults: { route: "none" } } }, "error .agents.defaults.route"],
  [{ sessions: { retentionDays: 3 } }, "error .sessions.retentionDays"],
  [{ sessions: { encryption: { mode: "yes" } } }, "error .sessions.encryption.mode"],
  [{ sessions: { encryption: "off" } }, "error .sessions.encryption"],
  [{ filesystem: { enabled: true, roots: ["/nonexistent/x"] } }, "error .filesystem.roots[0]"],
  [{ filesystem: { roots: ["relative"] } }, "error .filesystem.roots[0]"],
  [{ filesystem: { excludePatterns: ["*.[ab"] } }, "error .filesystem.excludePatterns[0]"],
  [{ filesystem: "/srv" }, "error .filesystem"],
  [{ sessions: { integrity: { action: "rejcet" } } }, "error .sessions.integrity.action"],
  [{ plugins: [] }, "error .plugins"],
  [{ plugins: { entries: { a: 1 } } }, "error .plugins.entries.a"],
  [{ plugins: { load: { paths: "x" } } }, "error .plugins.load.paths"],
  [
    { plugins: { sandbox: { defaults: { allow_http: "no" } } } },
    "error .plugins.sandbox.defaults.allow_http",
  ],
  [{ plugins: { signature: { requireSignatures: false } } }, "error .plugins.signature.requireSignatures"],
  [{ plugins: { signature: { require_signature: false } } }, "error .plugins.signature.require_signature"],
  [{ plugins: { enabled: "no" } }, "error .plugins.enabled"],
  [{ matrix: "x" }, "error .matrix"],
  [
    { cron: { entries: [{ schedule: "* * * * *", payload: { model: "x" } }] } },
    "error .cron.entries[0].payload.model",
  ],
] as const)("%j is an error", async (tree, expected) => {
  expect(await issuesOf(tree)).toContain(expected);
});

test.each([
  [{ gatway: {} }, "warning .gatway"],
  [{ gateway: { bind: "everywhere!" } }, "warning .gateway.bind"],
  [{ gateway: { bind: "loopbak" } }, "warning .gateway.bind"],
  [{ gateway: { bind: 5 } }, "warning .gateway.bind"],
  [{ plugins: { entries: { a: { enabled: "no" } } } }, "warning .plugins.entries.a.enabled"],
  [{ gateway: { reload: { mode: "sometimes" } } }, "warning .gateway.reload.mode"],
  [{ gateway: { reload: { debounceMs: 0 } } }, "warning .gateway.reload.debounceMs"],
  [{ gateway: { ws: { messageRate: 0 } } }, "warning .gateway.ws.messageRate"],
  [{ gateway: { hooks: { maxBodyBytes: -1 } } }, "warning .gateway.hooks.maxBodyBytes"],
  [{ gateway: { hooks: { enabled: true } } }, "warning .gateway.hooks.enabled"],
  [{ anthropic: { apiKey: "k", authProfile: "p" } }, "warning .anthropic.authProfile"],
  [{ codex: { authProfile: 5 } }, "warning .codex.authProfile"],
  [{ vertex: { gcloudTokenTimeoutMs: 100 } }, "warning .vertex.gcloudTokenTimeoutMs"],
  [{ agents: { defaults: { maxConcurrent: 0 } } }, "warning .agents.defaults.maxConcurrent"],
  [{ agents: { defaults: { model: " openai:x " } } }, "warning .agents.defaults.model"],
  [
    { agents: { defaults: { route: "a", model: "openai:x" } }, routes: { a: { model: "openai:y" } } },
    "warning .agents.defaults.model",
  ],
  [{ agents: { defaults: { toolPolicy: "allowlist" } } }, "warning .agents.defaults.toolPolicy"],
  [{ agents: { list: [{ id: "a" }, { id: "a" }] } }, "warning .agents.list[1].id"],
  [
    { agents: { promptGuard: { config_lint: { enabled: true } }, list: [{ id: "a" }] } },
    "warning .agents.list[0]",
  ],
  [{ channels: { telegrm: {} } }, "warning .channels.telegrm"],
  [{ channels: { defaults: { session: { scope: "global" } } } }, "warning .channels.defaults.session"],
  [
    { channels: { slack: { features: { typing: { intervalSeconds: 4000 } } } } },
    "warning .channels.slack.features.typing.intervalSeconds",
  ],
  [{ channels: { slack: { botToken: "x" } } }, "warning .channels.slack.botToken"],
  [{ logging: { level: "loud" } }, "warning .logging.level"],
  [
    { usage: { pricing: { overrides: [{ match: "", inputCostPerMTok: 1, outputCostPerMTok: 1 }] } } },
    "warning .usage.pricing.overrides[0].match",
  ],
  [{ plugins: { entries: { load: {} } } }, "warning .plugins.entries.load"],
  [{ filesystem: { enabled: true } }, "warning .filesystem.enabled"],
  [{ talk: {} }, "warning .talk"],
  [{ agents: { defaults: { subagents: { maxConcurrent: 2 } } } }, "warning .agents.defaults.subagents"],
] as const)("%j is a warning and no error", async (tree, expected) => {
  const issues = await issuesOf(tree);
  expect(issues).toContain(expected);
  expect(issues.filter((issue) => issue.startsWith("error"))).toEqual([]);
});

test("an unknown key proposes a near one, at any level", async () => {
  const { issues } = await load({ agents: { defaults: { maxTurn: 3 }, list: [{ modle: "x" }] }, zzzzzz: 1 });
  expect(issues.map((issue) => issue.message)).toEqual([
    'unknown key "maxTurn": did you mean "maxTurns"?',
    'unknown key "modle": did you mean "model"?',
    'unknown key "zzzzzz": it has no effect; remove it or check its spelling',
  ]);
});

test("a plugin's own settings and names like those of every object are taken as they are", async () => {
  expect(await issuesOf({ plugins: { weather: { city: "x" } } })).toEqual(["warning .plugins.weather"]);
  expect(
    await issuesOf({ toString: 1, constructor: { x: 1 }, routes: { constructor: { model: "openai:x" } } }),
  ).toEqual(["warning .constructor", "warning .toString"]);
});

test("wrong values fall back to their defaults, the rest of the file counts", async () => {
  const { config } = await load({
    gateway: { port: "x", bind: "lan", reload: { mode: "sometimes" }, ws: 5 },
    agents: { list: [5, { id: "a", maxTurns: -1 }, { id: "b" }], defaults: "x" },
    routes: { a: 5, b: { model: "openai:x" } },
    channels: [],
  });
  expect(config.gateway).toMatchObject({
    port: 18789,
    bind: "lan",
    reload: { mode: "off" },
    ws: { maxPerIp: 32 },
  });
  expect(config.agents.list.map((agent) => agent.id)).toEqual(["a", "b"]);
  expect(config.agents.defaults.maxConcurrent).toBe(4);
  expect(Object.keys(config.routes)).toEqual(["b"]);
  expect(config.channels).toEqual({});
});

test("a tool policy nobody understands denies everything", async () => {
  for (const tools of [{ policy: "denylist", list: ["x"] }, { policy: "allow-list", list: "x" }, "all"]) {
    const { config } = await load({ agents: { defaults: { tools } } });
    expect(config.agents.defaults.tools).toEqual({ policy: "allow-list", list: [] });
  }
});

test("aliases come out as the word they stand for", async () => {
  const { config } = await load({
    gateway: { auth: { mode: "local" }, reload: { mode: "disabled" } },
    discovery: { mode: "min" },
  });
  expect([config.gateway.auth.mode, config.gateway.reload.mode, config.discovery.mode]).toEqual([
    "none",
    "off",
    "minimal",
  ]);
});

test("no issue ever holds a secret's text", async () => {
  const { issues } = await load({
    openai: { apiKey: ["hunter2"] },
    gateway: { auth: { token: { x: "hunter2" } } },
    anthropic: { apiKey: "hunter2", authProfile: "p" },
  });
  expect(JSON.stringify(issues)).not.toContain("hunter2");
});

const account = { homeserverUrl: "https://m.org", userId: "@a:m.org", password: "p", storePassphrase: "s" };

test("settings of a channel that a plugin or a client brings are no fault", async () => {
  expect(await issuesOf({ channels: { weatherstation: { session: { scope: "global" } } } })).toEqual([]);
});

test("a complete Matrix account has no issue but that channels come later", async () => {
  expect(await issuesOf({ matrix: account })).toEqual(["warning .matrix"]);
  expect(
    await issuesOf({ matrix: { ...account, storePassphrase: null } }, { CARAPACE_CONFIG_PASSWORD: "x" }),
  ).toEqual(["warning .matrix"]);
  const rest = { userId: account.userId, storePassphrase: "s" };
  const env = {
    MATRIX_HOMESERVER_URL: "http://localhost:8008",
    MATRIX_ACCESS_TOKEN: "t",
    MATRIX_DEVICE_ID: "D",
  };
  expect(await issuesOf({ matrix: rest }, env)).toEqual(["warning .matrix"]);
  expect(await issuesOf({ matrix: { enabled: false } })).toEqual([]);
});

test.each([
  [{ ...account, homeserverUrl: "http://m.org" }, "error .matrix.homeserverUrl"],
  [{ ...account, homeserverUrl: "https://m.org/x" }, "error .matrix.homeserverUrl"],
  [{ ...account, homeserverUrl: null }, "error .matrix.homeserverUrl"],
  [{ ...account, userId: "a" }, "error .matrix.userId"],
  [{ ...account, deviceId: "x".repeat(256) }, "error .matrix.deviceId"],
  [{ ...account, accessToken: "t" }, "error .matrix"],
  [{ ...account, password: null }, "error .matrix"],
  [{ ...account, password: null, accessToken: "t" }, "error .matrix.deviceId"],
  [{ ...account, storePassphrase: null }, "error .matrix.storePassphrase"],
  [{ ...account, encrypted: false }, "warning .matrix.storePassphrase"],
  [
    { ...account, inboundDlq: { legacyEnvelopePolicy: "x" } },
    "error .matrix.inboundDlq.legacyEnvelopePolicy",
  ],
  [{ ...account, inboundDlq: { x: 1 } }, "warning .matrix.inboundDlq.x"],
  [{ ...account, autoJoin: { allowUsers: "x" } }, "error .matrix.autoJoin.allowUsers"],
  [{ ...account, autoJoin: { allowUsers: ["@a:b", "@a:b"] } }, "warning .matrix.autoJoin.allowUsers"],
] as const)("%j gives an issue", async (matrix, expected) => {
  expect(await issuesOf({ matrix })).toContain(expected);
});

test("a stored passphrase and a shadowed setting are noticed", async () => {
  using folder = testFolder({
    "carapace.json5": JSON.stringify({ matrix: { ...account, storePassphrase: null } }),
  });
  mkdirSync(folder.file("matrix"));
  folder.write("matrix/store_passphrase", "abc");
  const loaded = await loadConfig({ env: { ...folder.env, MATRIX_USER_ID: "@b:m.org" } });
  expect(loaded.ok && loaded.value.issues.map((issue) => issue.path)).toEqual([".matrix.userId", ".matrix"]);
});

test("a hostile file with tens of thousands of faults is answered soon, errors first", async () => {
  const junk = Object.fromEntries(Array.from({ length: 15_000 }, (_, n) => [`gatewa${n % 7}${n}`, n]));
  const list = Array.from({ length: 10_000 }, () => ({ model: "x", route: "none" }));
  const { issues } = await load({ ...junk, agents: { list } });
  expect(issues).toHaveLength(201);
  expect(issues[0]).toMatchObject({ severity: "error", path: ".agents.list[0].model", at: { line: 1 } });
  expect(issues[200]?.message).toMatch(/^and \d+ more/);
}, 15_000);

test("an origin may end with a slash, and an address need not be a word", async () => {
  const tree = {
    auth: { profiles: { redirectBaseUrl: "https://x.org/" } },
    gateway: { bind: "10.0.0.1" },
    filesystem: { excludePatterns: ["**/*.{pem,key}", "a\\[b", "[ab]*"] },
  };
  const errors = (await load(tree)).issues.filter(({ message }) => !message.includes("later version"));
  expect(errors).toEqual([]);
});
