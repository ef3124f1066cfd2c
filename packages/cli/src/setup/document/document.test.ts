// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { ChannelAnswer, Given, ProviderAnswer, SetupAnswers } from "../answers.ts";
import { documentOf } from "./document.ts";

const variable = (name: string) => ({ kind: "variable", name }) as const;
const typed = (text: string): Given => ({ kind: "typed", secret: new Secret(text) });
const text = (value: string) => ({ kind: "text", text: value }) as const;
const none = { kind: "none" } as const;
const store = async () => ({ ok: true, value: undefined }) as const;
const token = "f".repeat(64);

const answersWith = (more: Partial<SetupAnswers>): SetupAnswers => ({
  provider: { provider: "offline" },
  auth: { mode: "token", token: new Secret(token) },
  bind: "loopback",
  port: 18789,
  outcome: "local-chat",
  controlUi: false,
  ...more,
});

const gateway = { port: 18789, bind: "loopback", auth: { mode: "token", token } };

test("without a provider the built-in assistant is named, so that nothing takes its place", () => {
  expect(documentOf(answersWith({}))).toEqual({ gateway, agents: { defaults: { model: "offline:basic" } } });
});

const rows: readonly (readonly [string, ProviderAnswer, object])[] = [
  [
    "anthropic, key of the environment",
    { provider: "anthropic", mode: "apiKey", key: variable("ANTHROPIC_API_KEY") },
    { anthropic: { apiKey: "${ANTHROPIC_API_KEY}" } },
  ],
  [
    "anthropic, typed key",
    { provider: "anthropic", mode: "apiKey", key: typed("sk-1") },
    { anthropic: { apiKey: "sk-1" } },
  ],
  [
    "anthropic, setup token",
    { provider: "anthropic", mode: "setupToken", profile: { profileId: "anthropic:default", store } },
    { auth: { profiles: { enabled: true } }, anthropic: { authProfile: "anthropic:default" } },
  ],
  ["openai", { provider: "openai", mode: "apiKey", key: typed("sk-2") }, { openai: { apiKey: "sk-2" } }],
  ["openai, blank key", { provider: "openai", mode: "apiKey", key: none }, {}],
  [
    "codex",
    { provider: "codex", mode: "oauth", profile: { profileId: "openai-0123456789ab", store }, clientId: "c" },
    {
      auth: { profiles: { enabled: true, providers: { openai: { clientId: "c" } } } },
      codex: { authProfile: "openai-0123456789ab" },
    },
  ],
  [
    "ollama",
    { provider: "ollama", mode: "baseUrl", baseUrl: text("http://localhost:11434"), key: none },
    { providers: { ollama: { baseUrl: "http://localhost:11434" } } },
  ],
  [
    "ollama, all from the environment",
    {
      provider: "ollama",
      mode: "baseUrl",
      baseUrl: variable("OLLAMA_BASE_URL"),
      key: variable("OLLAMA_API_KEY"),
    },
    { providers: { ollama: { baseUrl: "${OLLAMA_BASE_URL}", apiKey: "${OLLAMA_API_KEY}" } } },
  ],
  [
    "gemini, key and address",
    {
      provider: "gemini",
      mode: "apiKey",
      key: variable("GOOGLE_API_KEY"),
      baseUrl: variable("GOOGLE_API_BASE_URL"),
    },
    { google: { apiKey: "${GOOGLE_API_KEY}", baseUrl: "${GOOGLE_API_BASE_URL}" } },
  ],
  [
    "gemini, signed in",
    {
      provider: "gemini",
      mode: "oauth",
      profile: { profileId: "google-0123456789ab", store },
      clientId: "g",
    },
    {
      auth: { profiles: { enabled: true, providers: { google: { clientId: "g" } } } },
      google: { authProfile: "google-0123456789ab" },
    },
  ],
  [
    "vertex, default route",
    {
      provider: "vertex",
      mode: "none",
      projectId: variable("VERTEX_PROJECT_ID"),
      location: text("us-central1"),
      routeModel: variable("VERTEX_MODEL"),
    },
    { vertex: { projectId: "${VERTEX_PROJECT_ID}", location: "us-central1", model: "${VERTEX_MODEL}" } },
  ],
  [
    "nearai",
    {
      provider: "nearai",
      mode: "apiKey",
      key: variable("NEARAI_API_KEY"),
      baseUrl: text("https://near.example/v1"),
    },
    { nearai: { apiKey: "${NEARAI_API_KEY}", baseUrl: "https://near.example/v1" } },
  ],
  ["venice", { provider: "venice", mode: "apiKey", key: typed("v") }, { venice: { apiKey: "v" } }],
  [
    "bedrock",
    {
      provider: "bedrock",
      mode: "staticCredentials",
      region: variable("AWS_REGION"),
      accessKeyId: variable("AWS_ACCESS_KEY_ID"),
      secretAccessKey: variable("AWS_SECRET_ACCESS_KEY"),
      sessionToken: none,
    },
    {
      bedrock: {
        region: "${AWS_REGION}",
        accessKeyId: "${AWS_ACCESS_KEY_ID}",
        secretAccessKey: "${AWS_SECRET_ACCESS_KEY}",
      },
    },
  ],
  ["claude-cli", { provider: "claude-cli", mode: "none" }, { claudeCli: { enabled: true } }],
];

test.each(rows)("%s becomes its section beside gateway and model", (_name, provider, section) => {
  expect(documentOf(answersWith({ provider, model: "x:y" }))).toEqual({
    gateway,
    agents: { defaults: { model: "x:y" } },
    ...section,
  });
});

test("a typed text that looks like a placeholder means itself", () => {
  const provider: ProviderAnswer = { provider: "openai", mode: "apiKey", key: typed("a${HOME}$${B}") };
  expect(documentOf(answersWith({ provider, model: "openai:x" }))).toMatchObject({
    openai: { apiKey: "a$${HOME}$$${B}" },
  });
});

test("password, lan, port, control page and hooks stand under gateway", () => {
  const document = documentOf(
    answersWith({
      auth: { mode: "password", password: new Secret("long enough") },
      ...{ bind: "lan", port: 4000, controlUi: true, hooksToken: new Secret("hook") },
    }),
  );
  expect(document["gateway"]).toEqual({
    ...{ port: 4000, bind: "lan", auth: { mode: "password", password: "long enough" } },
    ...{ controlUi: { enabled: true }, hooks: { enabled: true, token: "hook" } },
  });
});

const matrix = {
  channel: "matrix",
  homeserverUrl: "https://m.example",
  userId: "@me:m.example",
  encrypted: true,
  storePassphrase: none,
  allowUsers: [],
  allowServerNames: [],
  signIn: { kind: "accessToken", token: variable("MATRIX_ACCESS_TOKEN"), deviceId: "DEV" },
} satisfies ChannelAnswer;

test.each([
  [
    { channel: "discord", botToken: variable("DISCORD_BOT_TOKEN") },
    { discord: { enabled: true, botToken: "${DISCORD_BOT_TOKEN}" } },
  ],
  [{ channel: "telegram", botToken: typed("1:t") }, { telegram: { enabled: true, botToken: "1:t" } }],
  [{ channel: "telegram", botToken: none }, {}],
  [
    matrix,
    {
      matrix: {
        ...{ enabled: true, homeserverUrl: "https://m.example", userId: "@me:m.example", encrypted: true },
        ...{ accessToken: "${MATRIX_ACCESS_TOKEN}", deviceId: "DEV" },
      },
    },
  ],
  [
    {
      ...matrix,
      signIn: { kind: "password", password: typed("pw") },
      encrypted: false,
      storePassphrase: typed("unused"),
      allowUsers: ["@a:b"],
      allowServerNames: ["b"],
    },
    {
      matrix: {
        ...{ enabled: true, homeserverUrl: "https://m.example", userId: "@me:m.example", encrypted: false },
        ...{ password: "pw", autoJoin: { allowUsers: ["@a:b"], allowServerNames: ["b"] } },
      },
    },
  ],
] satisfies [ChannelAnswer, object][])("the channel of %#", (channel, section) => {
  const { gateway: _gateway, agents: _agents, ...rest } = documentOf(answersWith({ channel }));
  expect(rest).toEqual(section as never);
});
