// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { readSource, type SourceHome, sourceHome } from "../../../testing/source-home.ts";
import { openclaw } from "./openclaw.ts";

const read = (at: SourceHome, env?: Record<string, string>) => readSource(openclaw, at, env);

const config = ".openclaw/openclaw.json";

/** What `openclaw onboard` writes with keys in the file. */
const onboarded = {
  meta: { lastTouchedVersion: "2026.9.6" },
  agents: {
    defaults: {
      model: { primary: "anthropic/claude-opus-4-6", fallbacks: ["openai/gpt-5.2"] },
      models: { "anthropic/claude-opus-4-6": { alias: "opus" } },
      workspace: "~/.openclaw/workspace",
    },
  },
  models: {
    mode: "merge",
    providers: {
      openai: { baseUrl: "https://api.openai.com/v1", apiKey: "sk-openai", api: "openai-responses" },
      "my-gemini": {
        baseUrl: "https://generativelanguage.googleapis.com/v1beta",
        apiKey: "AIza-1",
        models: [],
      },
      ollama: { baseUrl: "http://127.0.0.1:11434", apiKey: "ollama-local", api: "ollama" },
    },
  },
  channels: {
    telegram: { enabled: true, botToken: "123:abc", dmPolicy: "pairing" },
    discord: { enabled: false, token: "disc" },
    slack: { botToken: "xoxb-1", appToken: "xapp-1", signingSecret: "sign" },
  },
  gateway: { port: 18789, auth: { mode: "token", token: "gateway-token" } },
};

test("a configuration as its wizard writes it", () => {
  using source = sourceHome({ [config]: onboarded });
  const { values, reasons, warnings, stateDir } = read(source);
  expect(values).toEqual({
    "agents.defaults.model": "anthropic:claude-opus-4-6",
    "openai.apiKey": "sk-openai",
    "google.apiKey": "AIza-1",
    "providers.ollama.baseUrl": "http://127.0.0.1:11434",
    "providers.ollama.apiKey": "ollama-local",
    "telegram.botToken": "123:abc",
    "discord.botToken": "disc",
    "discord.enabled": false,
    "slack.botToken": "xoxb-1",
    "slack.signingSecret": "sign",
    "gateway.auth.token": "gateway-token",
  });
  expect(Object.keys(reasons)).toEqual([
    "openclaw.json agents.defaults.model.fallbacks",
    "openclaw.json channels.slack.appToken",
  ]);
  expect([warnings, stateDir]).toEqual([[], source.file(".openclaw")]);
});

test("an older one, with keys at the top, in comments' company and under its old name", () => {
  const text = `// clawdbot
    { anthropic: { apiKey: 'sk-ant' }, openai: { apiKey: 'sk-o' }, google: { apiKey: 'AIza' },
      agents: { defaults: { model: 'claude-opus-4-5' } },
      gateway: { auth: { mode: 'password', password: 'a long password' } },
      channels: { telegram: { botToken: '1:a' } }, }`;
  using source = sourceHome({ ".clawdbot/clawdbot.json": text });
  expect(read(source).values).toEqual({
    "anthropic.apiKey": "sk-ant",
    "openai.apiKey": "sk-o",
    "google.apiKey": "AIza",
    "agents.defaults.model": "anthropic:claude-opus-4-5",
    "gateway.auth.password": "a long password",
    "telegram.botToken": "1:a",
  });
});

test("one whose secrets stand in .env, in env, in variables of its own and in profiles", () => {
  using source = sourceHome({
    [config]: {
      env: { vars: { VENICE_API_KEY: "ven" }, NEARAI_API_KEY: "near", shellEnv: { enabled: true } },
      models: {
        providers: {
          anthropic: { apiKey: "${MY_ANTHROPIC}" },
          openai: { apiKey: { source: "env", provider: "default", id: "OPENAI_API_KEY" } },
          ollama: { apiKey: "OLLAMA_API_KEY" },
        },
      },
      channels: {
        discord: { accounts: { default: { token: "${DISCORD_BOT_TOKEN}" }, other: { token: "x" } } },
      },
      gateway: { auth: { token: "${OPENCLAW_GATEWAY_TOKEN}" } },
    },
    ".openclaw/.env":
      "MY_ANTHROPIC='sk-ant'\nDISCORD_BOT_TOKEN=disc\nOPENCLAW_GATEWAY_TOKEN=gw\nTELEGRAM_BOT_TOKEN=change-me-please\nGEMINI_API_KEY=g",
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: {
        "openai:default": { type: "api_key", provider: "openai", key: "sk-profile" },
        "openai-codex:me": { type: "oauth", provider: "openai-codex", access: "a", refresh: "r" },
        "zai:default": { type: "api_key", provider: "zai", key: "z" },
      },
    },
    ".openclaw/credentials/oauth.json": {},
  });
  const { values, reasons } = read(source, { OPENAI_API_KEY: "of this machine", OLLAMA_API_KEY: "too" });
  expect(values).toEqual({
    "anthropic.apiKey": "sk-ant",
    "discord.botToken": "disc",
    "gateway.auth.token": "gw",
    "nearai.apiKey": "near",
    "venice.apiKey": "ven",
    "google.apiKey": "g",
    "openai.apiKey": "sk-profile",
  });
  expect(reasons).toMatchObject({
    "openclaw.json models.providers.openai.apiKey": expect.stringContaining("OPENAI_API_KEY, which its own"),
    "openclaw.json models.providers.ollama.apiKey": expect.stringContaining("OLLAMA_API_KEY"),
    "openclaw.json channels.discord.accounts.other": "a channel has one account here",
    "auth-profiles.json profiles.openai-codex:me": expect.stringContaining("a sign-in"),
    "auth-profiles.json profiles.zai:default": expect.stringContaining("does not have"),
    "credentials/oauth.json": expect.stringContaining("sign-ins"),
  });
});

test("a provider is known by its name or its address, Bedrock before all", () => {
  const provider = (name: string, entry: object) => {
    using source = sourceHome({ [config]: { models: { providers: { [name]: entry } } } });
    const { values, reasons } = read(source);
    return Object.keys(values).length > 0 ? values : Object.values(reasons)[0];
  };
  expect(provider("mine", { baseUrl: "https://api.anthropic.com", apiKey: "k" })).toEqual({
    "anthropic.apiKey": "k",
  });
  expect(provider("mine", { baseUrl: "https://api.venice.ai/api/v1", apiKey: "k" })).toEqual({
    "venice.apiKey": "k",
  });
  expect(provider("near ai", { apiKey: "k" })).toEqual({ "nearai.apiKey": "k" });
  expect(provider("mine", { baseUrl: "https://cloud-api.near.ai/v1", apiKey: "k" })).toEqual({
    "nearai.apiKey": "k",
  });
  expect(provider("mine", { baseUrl: "http://localhost:11434/v1" })).toEqual({
    "providers.ollama.baseUrl": "http://localhost:11434/v1",
  });
  expect(provider("anthropic", { auth: "aws-sdk", apiKey: "k" })).toContain("Bedrock");
  expect(provider("amazon-bedrock", { apiKey: "k" })).toContain("Bedrock");
  expect(provider("openrouter", { baseUrl: "https://openrouter.ai/api/v1", apiKey: "k" })).toContain(
    "does not have",
  );
  expect(provider("x", { baseUrl: "https://evil.example/openai.com", apiKey: "k" })).toContain(
    "does not have",
  );
  expect(provider("x", { baseUrl: "https://notopenai.com", apiKey: "k" })).toContain("does not have");
});

test("the key of another server goes there, not to the vendor", () => {
  using source = sourceHome({
    [config]: {
      models: { providers: { openai: { baseUrl: "https://proxy.example.com/v1", apiKey: "proxy-key" } } },
    },
  });
  expect(read(source).values).toEqual({
    "openai.apiKey": "proxy-key",
    "openai.baseUrl": "https://proxy.example.com/v1",
  });
  using both = sourceHome({
    [config]: {
      openai: { apiKey: "sk-vendor" },
      models: { providers: { openai: { baseUrl: "https://proxy.example.com/v1", apiKey: "proxy-key" } } },
    },
  });
  expect(read(both).values).toEqual({ "openai.apiKey": "sk-vendor" });
});

test.each([
  "codex/gpt-5",
  "claude-cli/opus",
  "models/gemini-3",
  "openrouter/anthropic/claude-x",
  "zai/glm-5",
])("the model %p has no provider here, and the rest is imported", (model) => {
  using source = sourceHome({ [config]: { agents: { defaults: { model } }, openai: { apiKey: "sk" } } });
  const { values, reasons } = read(source);
  expect(values).toEqual({ "openai.apiKey": "sk" });
  expect(reasons["openclaw.json agents.defaults.model"]).toContain("no provider");
});

test("sections of another form are told", () => {
  const sections = "acp skills plugins session commands approvals browser mcp memory cron".split(" ");
  using source = sourceHome({ [config]: Object.fromEntries(sections.map((name) => [name, {}])) });
  expect(Object.keys(read(source).reasons)).toEqual(sections.map((name) => `openclaw.json ${name}`));
});

test("the environment names other places; the first that is there counts", () => {
  using source = sourceHome({
    "exact.json": { openai: { apiKey: "exact" } },
    "own/clawdbot.json": { openai: { apiKey: "own" } },
    [config]: { openai: { apiKey: "home" } },
    ".clawdbot/openclaw.json": { openai: { apiKey: "old" } },
  });
  const own = { OPENCLAW_STATE_DIR: source.file("own") };
  const exact = { OPENCLAW_CONFIG_PATH: source.file("exact.json") };
  expect(read(source, { ...own, ...exact }).values["openai.apiKey"]).toBe("exact");
  expect(read(source, own).values["openai.apiKey"]).toBe("own");
  expect(read(source, { OPENCLAW_STATE_DIR: "~/own" }).values["openai.apiKey"]).toBe("own");
  expect(read(source).values["openai.apiKey"]).toBe("home");
  expect(read(source, { OPENCLAW_STATE_DIR: source.file("none") }).values["openai.apiKey"]).toBe("home");
});

test("without anything the places are told", () => {
  using source = sourceHome();
  const { files, checked, stateDir } = read(source);
  expect([files, stateDir]).toEqual([[], undefined]);
  expect(checked).toEqual(
    [
      ".openclaw/openclaw.json",
      ".openclaw/clawdbot.json",
      ".clawdbot/openclaw.json",
      ".clawdbot/clawdbot.json",
    ].map((path) => source.file(path)),
  );
});

test.each([
  ["broken", "{ openai: { apiKey: 'sk-secret' ", "is not valid JSON"],
  ["a list", "[]", "does not hold an object"],
  ["not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "is not UTF-8"],
  ["huge", `{"a": "${"x".repeat(1024 * 1024)}"}`, "is larger than"],
  ["deep", "[".repeat(50_000), "is nested too deep"],
] as const)("a file that is %s is a warning, and its .env is still read", (_what, content, warning) => {
  using source = sourceHome({ [config]: content, ".openclaw/.env": "OPENAI_API_KEY=sk" });
  const { values, warnings } = read(source);
  expect(values).toEqual({ "openai.apiKey": "sk" });
  expect(warnings).toEqual([expect.stringContaining(warning)]);
  expect(warnings[0]).not.toContain("sk-secret");
});

test("a pipe and a link that leads nowhere are warnings, a link to a file of one's own is followed", () => {
  using pipe = sourceHome({ ".openclaw/.env": "" });
  execFileSync("mkfifo", [pipe.file(config)]);
  expect(read(pipe).warnings).toEqual([expect.stringContaining("not a regular file")]);
  using link = sourceHome({ "dotfiles/oc.json": { openai: { apiKey: "sk" } }, ".openclaw/.env": "" });
  symlinkSync(link.file("dotfiles/oc.json"), link.file(config));
  const { values, files } = read(link);
  expect(values).toEqual({ "openai.apiKey": "sk" });
  expect(files[0]).toEqual({ path: link.file(config), target: link.file("dotfiles/oc.json") });
  using dangling = sourceHome({ ".openclaw/.env": "" });
  symlinkSync(dangling.file("none"), dangling.file(config));
  expect(read(dangling).warnings).toHaveLength(1);
});

test("wrong types and hostile names are left out one by one", () => {
  const hostile = `{
    "__proto__": { "openai": { "apiKey": "polluted" } },
    "constructor": { "prototype": { "isAdmin": true } },
    "openai": { "apiKey": { "__proto__": { "source": "env" } } },
    "google": "text", "anthropic": ["a"],
    "agents": { "defaults": { "model": 7 } },
    "models": { "providers": { "\\u001b]0;x\\u0007\\u202eevil": { "apiKey": "k" }, "toString": { "apiKey": "k" } } },
    "channels": { "telegram": { "botToken": "1:a\\u001b[2J" }, "discord": [] },
    "gateway": { "auth": { "token": "\${AWS_SECRET_ACCESS_KEY}" } },
    "env": { "NEARAI_API_KEY": 5, "VENICE_API_KEY": "ok" }
  }`;
  using source = sourceHome({ [config]: hostile });
  const { values, skips } = read(source, { AWS_SECRET_ACCESS_KEY: "the machine's" });
  expect(values).toEqual({ "venice.apiKey": "ok" });
  const told = skips.map(({ path, reason }) => `${path} - ${reason}`).join("\n");
  expect(told).not.toMatch(/[\u001b\u0007\u202e]/);
  for (const part of [
    "__proto__",
    "constructor",
    "agents.defaults.model",
    "botToken",
    "AWS_SECRET_ACCESS_KEY",
  ]) {
    expect(told).toContain(part);
  }
  expect(told).not.toContain("the machine's");
  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});
