import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { ProviderAnswer, SetupAnswers } from "./answers.ts";
import { warningsFor } from "./warnings.ts";

const none = { kind: "none" } as const;
const text = (value: string) => ({ kind: "text", text: value }) as const;
const store = async () => ({ ok: true, value: undefined }) as const;

const warned = (provider: ProviderAnswer, more: Partial<SetupAnswers> = {}, env = {}) =>
  warningsFor(
    {
      ...{ provider, bind: "loopback", port: 1, outcome: "local-chat", controlUi: false },
      ...{ auth: { mode: "token", token: new Secret("t") }, ...more },
    },
    env,
    false,
  );

test("a blank key is told by its variable", () => {
  expect(warned({ provider: "openai", mode: "apiKey", key: none })).toEqual([
    expect.stringContaining("no OPENAI_API_KEY was given"),
  ]);
  expect(
    warned({
      ...{ provider: "bedrock", mode: "staticCredentials", region: text("us-east-1") },
      ...{ accessKeyId: none, secretAccessKey: none, sessionToken: none },
    }),
  ).toHaveLength(2);
});

test("where nothing is missing nothing is told", () => {
  expect(warned({ provider: "ollama", mode: "baseUrl", baseUrl: text("http://x"), key: none })).toEqual([]);
  expect(warned({ provider: "offline" })).toEqual([]);
});

test("variables that the configuration refers to are named, each once", () => {
  const key = { kind: "variable", name: "OPENAI_API_KEY" } as const;
  const channel = { channel: "discord", botToken: { kind: "variable", name: "DISCORD_BOT_TOKEN" } } as const;
  expect(warned({ provider: "openai", mode: "apiKey", key }, { channel })).toEqual([
    "the configuration refers to OPENAI_API_KEY, DISCORD_BOT_TOKEN: set them wherever the gateway starts",
  ]);
});

test("a key of the environment that would come before the sign-in is told", () => {
  const profile = { profileId: "anthropic:default", store };
  const provider = { provider: "anthropic", mode: "setupToken", profile } as const;
  expect(warned(provider, {}, { ANTHROPIC_API_KEY: "k" })).toEqual([
    expect.stringContaining("ANTHROPIC_API_KEY is set and comes before"),
  ]);
  expect(warned(provider)).toEqual([]);
});

test("a gateway that the network reaches is told", () => {
  expect(warned({ provider: "offline" }, { bind: "lan" })).toEqual([expect.stringContaining("your network")]);
});

test("what counts beside the configuration is named: the password, and addresses that keys would else not go to", () => {
  const key = { kind: "variable", name: "OPENAI_API_KEY" } as const;
  const provider = { provider: "openai", mode: "apiKey", key } as const;
  const channel = { channel: "telegram", botToken: key } as const;
  const env = { OPENAI_BASE_URL: "https://o", TELEGRAM_BASE_URL: "https://t", CARAPACE_CONFIG_PASSWORD: "p" };
  expect(warned(provider, { channel }, env)[1]).toBe(
    "OPENAI_BASE_URL, TELEGRAM_BASE_URL, CARAPACE_CONFIG_PASSWORD count here, beside the configuration: set them wherever the gateway starts, too",
  );
  const baseUrl = { kind: "variable", name: "VENICE_BASE_URL" } as const;
  const venice = { provider: "venice", mode: "apiKey", key, baseUrl } as const;
  expect(warned(venice, {}, { VENICE_BASE_URL: "https://v", DISCORD_BASE_URL: "https://d" })).toHaveLength(1);
});
