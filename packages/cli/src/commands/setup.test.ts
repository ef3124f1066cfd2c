// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { jsonReply, ollamaTags, openaiReply, startVendorServer } from "@carapace/agent/testing";
import { startTelegramServer, telegramTestToken } from "@carapace/channels/testing";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, launcher, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";

const configIn = (home: Home, name = "carapace.json") => join(home.stateDir, name);
const readConfig = (home: Home) => JSON.parse(readFileSync(configIn(home), "utf8"));
const modeOf = (path: string) => statSync(path).mode & 0o777;
const secret = "sk-never-to-be-seen-0123456789abcdef";
const password = { CARAPACE_CONFIG_PASSWORD: "a long enough password" };
const base = {
  port: 18789,
  bind: "loopback",
  auth: { mode: "token", token: expect.stringMatching(/^[0-9a-f]{64}$/) },
};

test("from nothing to a proven assistant in one command, within three seconds", async () => {
  using home = emptyHome();
  const port = String(await freePort());
  const before = performance.now();
  const ran = await runCara(["setup", "--provider", "offline", "--verify", "--port", port], { home });
  expect(performance.now() - before).toBeLessThan(3000);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("Status: ready");
  expect(ran.stdout).toContain("no language model");
  expect(ran.stdout).toContain("[PASS] Local chat roundtrip");
  expect(ran.stdout.trim().split("\n").slice(-4)).toEqual([
    "Next:",
    expect.stringMatching(/^ {2}cara chat /),
    expect.stringMatching(/^ {2}cara setup --merge /),
    expect.stringMatching(/^ {2}cara (service install|start) /),
  ]);
  expect(modeOf(configIn(home))).toBe(0o600);
  expect(modeOf(home.stateDir)).toBe(0o700);
  expect(readConfig(home)).toEqual({
    gateway: { ...base, port: Number(port) },
    agents: { defaults: { model: "offline:basic" } },
  });
});

test("a skipped model stays skipped, whatever key the environment has", async () => {
  using home = emptyHome();
  const port = String(await freePort());
  const env = { ANTHROPIC_API_KEY: secret, ANTHROPIC_BASE_URL: "http://127.0.0.1:9" };
  await runCara(["setup", "--provider", "skip", "--port", port], { home, env });
  const chat = await runCara(["chat", "--message", "what is 6*7?", "--port", "0"], { home, env });
  expect(chat.stdout).toContain("42");
});

test("what was set up starts, and no client of this machine meets pairing", async () => {
  using home = emptyHome();
  const port = String(await freePort());
  await runCara(["setup", "--provider", "offline", "--port", port, "--outcome", "hooks"], { home });
  await using gateway = await startCara(home);
  const chat = await runCara(["chat", "--message", "what is 6*7?"], { home });
  expect(chat).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });
  const verified = await runCara(["verify", "--json"], { home });
  expect(JSON.parse(verified.stdout)).toMatchObject({ outcome: "hooks", ok: true });
  for (const { stdout, stderr } of [chat, verified]) expect(stdout + stderr).not.toMatch(/pair/i);
  const refused = await runCara(["setup", "--provider", "offline", "--force"], { home });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`pid ${gateway.pid}`);
});

const models = jsonReply(200, { data: [{ id: "m", object: "model" }], models: [{ name: "models/m" }] });

/** Every provider with an address of its own: what is written, and what the vendor is asked with. */
const rows = [
  [
    "anthropic",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    [],
    { anthropic: { apiKey: "${ANTHROPIC_API_KEY}" } },
  ],
  ["openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", [], { openai: { apiKey: "${OPENAI_API_KEY}" } }],
  [
    "gemini",
    "GOOGLE_API_KEY",
    "GOOGLE_API_BASE_URL",
    ["--auth-mode", "api-key"],
    { google: { apiKey: "${GOOGLE_API_KEY}", baseUrl: "${GOOGLE_API_BASE_URL}" } },
  ],
  [
    "nearai",
    "NEARAI_API_KEY",
    "NEARAI_BASE_URL",
    [],
    { nearai: { apiKey: "${NEARAI_API_KEY}", baseUrl: "${NEARAI_BASE_URL}" } },
  ],
  [
    "venice",
    "VENICE_API_KEY",
    "VENICE_BASE_URL",
    [],
    { venice: { apiKey: "${VENICE_API_KEY}", baseUrl: "${VENICE_BASE_URL}" } },
  ],
] as const;

test.each(rows)(
  "%s is set up from the environment and asked at its address",
  async (id, key, url, flags, section) => {
    using home = emptyHome();
    await using vendor = await startVendorServer();
    vendor.otherwise(() => models);
    const env = { [key]: secret, [url]: vendor.origin };
    const ran = await runCara(["setup", "--provider", id, "--model", "m", ...flags, "--json"], { home, env });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).not.toContain(secret);
    const report = JSON.parse(ran.stdout);
    expect(report.checks.filter(({ status }: { status: string }) => status === "fail")).toEqual([]);
    expect(report).toMatchObject({
      status: "ready",
      authMode: "apiKey",
      model: `${id}:m`,
      outcome: "local-chat",
    });
    expect(readConfig(home)).toEqual({
      gateway: base,
      agents: { defaults: { model: `${id}:m` } },
      ...section,
    });
    expect(vendor.requests.length).toBeGreaterThan(0);
    expect(JSON.stringify(vendor.requests.map(({ headers }) => headers))).toContain(secret);
  },
);

test("Ollama is set up, answers, and verify says so", async () => {
  using home = emptyHome();
  await using vendor = await startVendorServer();
  vendor.otherwise(({ path }) =>
    path === "/api/tags" ? ollamaTags(["qwen3:8b"]) : openaiReply({ deltas: [{ content: "hello" }] }),
  );
  const port = String(await freePort());
  const env = { OLLAMA_BASE_URL: vendor.origin };
  const words = ["setup", "--model", "ollama:qwen3:8b", "--port", port, "--verify", "--json"];
  const ran = await runCara(words, { home, env });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    status: "ready",
    verify: { ok: true, outcome: "local-chat" },
  });
  expect(ran.code).toBe(0);
  expect(readConfig(home)).toMatchObject({ providers: { ollama: { baseUrl: "${OLLAMA_BASE_URL}" } } });
});

test("Ollama without a word of where it is stands at its usual place; with a key both are named", async () => {
  for (const [env, ollama] of [
    [{}, { baseUrl: "http://localhost:11434" }],
    [
      { OLLAMA_BASE_URL: "http://127.0.0.1:9", OLLAMA_API_KEY: "k" },
      { baseUrl: "${OLLAMA_BASE_URL}", apiKey: "${OLLAMA_API_KEY}" },
    ],
  ] as const) {
    using home = emptyHome();
    const words = ["setup", "--provider", "ollama", "--model", "qwen3", "--skip-live-check", "--yes"];
    expect(await runCara(words, { home, env: { ...env } })).toMatchObject({ code: 0 });
    expect(readConfig(home).providers).toEqual({ ollama });
  }
});

const further = [
  [
    "vertex",
    ["--model", "vertex:default"],
    { VERTEX_PROJECT_ID: "p", VERTEX_MODEL: "gemini-3-pro" },
    { vertex: { projectId: "${VERTEX_PROJECT_ID}", location: "us-central1", model: "${VERTEX_MODEL}" } },
  ],
  [
    "vertex",
    ["--model", "gemini-3-pro"],
    { VERTEX_PROJECT_ID: "p", VERTEX_LOCATION: "europe-west1" },
    { vertex: { projectId: "${VERTEX_PROJECT_ID}", location: "${VERTEX_LOCATION}" } },
  ],
  [
    "bedrock",
    ["--model", "anthropic.claude-v1:0"],
    { AWS_DEFAULT_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AK", AWS_SECRET_ACCESS_KEY: secret },
    {
      bedrock: {
        region: "${AWS_DEFAULT_REGION}",
        accessKeyId: "${AWS_ACCESS_KEY_ID}",
        secretAccessKey: "${AWS_SECRET_ACCESS_KEY}",
      },
    },
  ],
  [
    "bedrock",
    ["--model", "bedrock:anthropic.claude-v1:0"],
    { AWS_ACCESS_KEY_ID: "AK", AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: "st" },
    {
      bedrock: {
        region: "us-east-1",
        accessKeyId: "${AWS_ACCESS_KEY_ID}",
        secretAccessKey: "${AWS_SECRET_ACCESS_KEY}",
        sessionToken: "${AWS_SESSION_TOKEN}",
      },
    },
  ],
  ["claude-cli", [], {}, { claudeCli: { enabled: true } }],
] as const;

test.each(further)("%s with %j is written as the contract says", async (id, flags, env, section) => {
  using home = emptyHome();
  const words = ["setup", "--provider", id, ...flags, "--skip-live-check", "--json"];
  const ran = await runCara(words, { home, env: { ...env } });
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout + ran.stderr).not.toContain(secret);
  const { gateway: _gateway, agents: _agents, ...rest } = readConfig(home);
  expect(rest).toEqual(section as never);
  expect((await runCara(["config", "validate"], { home, env: { ...env } })).code).toBe(0);
});

test("a setup token is kept sealed, and only named in the configuration", async () => {
  using home = emptyHome();
  const token = `sk-ant-oat01-${"x".repeat(80)}`;
  const env = { ANTHROPIC_SETUP_TOKEN: token, ...password };
  const words = "setup --provider claude --auth-mode setup-token --model claude-x --json".split(" ");
  const ran = await runCara(words, { home, env });
  expect(ran.code).toBe(0);
  const report = JSON.parse(ran.stdout);
  expect(report).toMatchObject({ authMode: "setupToken", profile: { id: "anthropic:default" } });
  const config = readFileSync(configIn(home), "utf8");
  const profiles = readFileSync(join(home.stateDir, "auth_profiles.json"), "utf8");
  for (const text of [config, profiles, ran.stdout, ran.stderr]) expect(text).not.toContain(token);
  expect(JSON.parse(config)).toMatchObject({
    auth: { profiles: { enabled: true } },
    anthropic: { authProfile: "anthropic:default" },
    gateway: { auth: { token: expect.stringMatching(/^enc:v2:/) } },
  });
});

const channels = [
  [
    "discord",
    { DISCORD_BOT_TOKEN: secret },
    { discord: { enabled: true, botToken: "${DISCORD_BOT_TOKEN}" } },
  ],
  [
    "telegram",
    { TELEGRAM_BOT_TOKEN: secret },
    { telegram: { enabled: true, botToken: "${TELEGRAM_BOT_TOKEN}" } },
  ],
  [
    "element",
    {
      MATRIX_HOMESERVER_URL: "https://m.example",
      MATRIX_USER_ID: "@me:m.example",
      MATRIX_ACCESS_TOKEN: secret,
      MATRIX_DEVICE_ID: "DEV",
      MATRIX_STORE_PASSPHRASE: "phrase",
    },
    {
      matrix: {
        ...{ enabled: true, homeserverUrl: "https://m.example", userId: "@me:m.example", encrypted: true },
        ...{ accessToken: "${MATRIX_ACCESS_TOKEN}", deviceId: "DEV" },
        storePassphrase: "${MATRIX_STORE_PASSPHRASE}",
      },
    },
  ],
] as const;

test.each(channels)(
  "the outcome %s takes its secrets from the environment only",
  async (outcome, env, section) => {
    using home = emptyHome();
    const words = ["setup", "--provider", "offline", "--outcome", outcome];
    const without = await runCara(words, { home });
    expect(without.code).toBe(1);
    expect(without.stderr).toContain(Object.keys(env)[0] ?? "");
    expect(existsSync(configIn(home))).toBe(false);
    const ran = await runCara(words, { home, env: { ...env } });
    expect(ran.code).toBe(0);
    expect(readConfig(home)).toMatchObject(section);
    expect(ran.stdout + ran.stderr).not.toContain(secret);
  },
);

test("an outcome with a bot is proven by a real message to whom the owner named", async () => {
  using home = emptyHome();
  await using telegram = await startTelegramServer();
  const env = { TELEGRAM_BOT_TOKEN: telegramTestToken, TELEGRAM_BASE_URL: telegram.baseUrl };
  const words = "setup --provider offline --outcome telegram --verify --verify-to=-1004711".split(" ");
  const ran = await runCara(words, { home, env });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("[PASS] Telegram send path");
  expect(ran.stdout).toContain("cara verify --outcome telegram --telegram-to=-1004711");
  expect(telegram.calls.map(({ fields }) => String(fields["chat_id"]))).toContain("-1004711");
  expect(ran.stdout + ran.stderr).not.toContain(telegramTestToken);
});

test("the hooks API gets a token of its own, or the environment's", async () => {
  for (const env of [{}, { CARAPACE_HOOKS_TOKEN: secret }] as const) {
    using home = emptyHome();
    const ran = await runCara(["setup", "--provider", "offline", "--outcome", "webhooks"], {
      home,
      env: { ...env },
    });
    const { enabled, token } = readConfig(home).gateway.hooks;
    expect(enabled).toBe(true);
    expect(token).toMatch("CARAPACE_HOOKS_TOKEN" in env ? secret : /^[0-9a-f]{64}$/);
    expect(ran.stdout + ran.stderr).not.toContain(token);
  }
});

test.each([
  [["--provider", "openai", "--model", "gpt-5"], "OPENAI_API_KEY is not set"],
  [["--provider", "nobody"], "--provider takes one of anthropic, claude, codex"],
] as const)("%j is refused, and nothing is written", async (flags, say) => {
  using home = emptyHome();
  const ran = await runCara(["setup", ...flags], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(say);
  expect(existsSync(configIn(home))).toBe(false);
});

test("without a provider it names what is there, each with its command", async () => {
  using home = emptyHome();
  mkdirSync(join(home.folder, "bin"));
  writeFileSync(join(home.folder, "bin", "claude"), "#!/bin/sh\n");
  chmodSync(join(home.folder, "bin", "claude"), 0o755);
  const env = { VENICE_API_KEY: secret, PATH: `${home.env["PATH"]}:${join(home.folder, "bin")}` };
  const { stderr } = await runCara(["setup"], { home, env });
  expect(stderr).toContain("cara setup --provider venice --model venice:");
  expect(stderr).toContain("VENICE_API_KEY is set");
  expect(stderr).toContain("cara setup --provider claude-cli --model claude-cli:default");
  expect(stderr).not.toContain(secret);
});

test("a key that is refused is told, and the configuration is there to be mended", async () => {
  using home = emptyHome();
  await using vendor = await startVendorServer();
  vendor.otherwise(() => jsonReply(401, { error: { message: `bad key ${secret}` } }));
  const env = { OPENAI_API_KEY: secret, OPENAI_BASE_URL: vendor.origin };
  const ran = await runCara(["setup", "--provider", "openai", "--model", "gpt-5"], { home, env });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("Status: invalid");
  expect(ran.stdout).toContain("[FAIL] live check: OpenAI refused the key");
  expect(ran.stdout).toContain("cara setup --merge --provider openai --model openai:gpt-5");
  expect(ran.stdout + ran.stderr).not.toContain(secret);
});

test("a gateway that runs is not disturbed", async () => {
  await using running = await startTestGateway();
  using home = emptyHome();
  const env = { CARAPACE_STATE_DIR: running.stateDir };
  const before = readdirSync(running.stateDir).filter((name) => name.endsWith(".json"));
  const ran = await runCara(["setup", "--provider", "offline", "--force"], { home, env });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain(String(process.pid));
  expect(readdirSync(running.stateDir).filter((name) => name.endsWith(".json"))).toEqual(before);
});

test("a verification that fails decides the exit code", async () => {
  using home = emptyHome();
  using stranger = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.end() },
  });
  const words = ["setup", "--provider", "offline", "--verify", "--json", "--port", String(stranger.port)];
  const ran = await runCara(words, { home });
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({ status: "ready", verify: { ok: false } });
});

test("what is sealed is opened again before it is verified", async () => {
  using home = emptyHome();
  const port = String(await freePort());
  const words = [..."setup --provider offline --outcome hooks --verify --json --port".split(" "), port];
  const ran = await runCara(words, { home, env: password });
  expect(JSON.parse(ran.stdout)).toMatchObject({ verify: { ok: true, outcome: "hooks" } });
  expect(readConfig(home).gateway.hooks.token).toMatch(/^enc:v2:/);
});

test("who stops it while the provider is asked finds nothing written", async () => {
  using home = emptyHome();
  await using vendor = await startVendorServer();
  vendor.otherwise(() => ({ kind: "silence" }));
  const env = { ...home.env, OPENAI_API_KEY: secret, OPENAI_BASE_URL: vendor.origin };
  const child = Bun.spawn([launcher, "setup", "--provider", "openai", "--model", "gpt-5"], {
    ...{ env, cwd: home.folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
  await vendor.received(1);
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(await child.stderr.text()).toContain("Nothing was changed");
  expect(existsSync(configIn(home))).toBe(false);
});

async function startCara(home: Home) {
  const child = Bun.spawn([launcher, "start"], {
    ...{ env: home.env, cwd: home.folder, stdin: "ignore", stdout: "pipe", stderr: "ignore" },
  });
  const reader = child.stdout.getReader();
  let said = "";
  while (!/listening|ready/i.test(said)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the gateway ended: ${said}`);
    said += new TextDecoder().decode(value);
  }
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
