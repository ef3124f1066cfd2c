// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is written
import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { ChannelAnswer, SetupAnswers } from "../answers.ts";
import { mergeOf } from "./merge.ts";

const answers = (more: Partial<SetupAnswers>): SetupAnswers => ({
  ...{ provider: { provider: "offline" }, bind: "lan", port: 4000, outcome: "local-chat", controlUi: false },
  auth: { mode: "token", token: new Secret("made") },
  ...more,
});
const key = { kind: "variable", name: "OPENAI_API_KEY" } as const;

test("who can reach the gateway, and how, is not touched", () => {
  expect(mergeOf(answers({}), { hasHooksToken: false })).toEqual({
    agents: { defaults: { model: "offline:basic" } },
  });
});

test("the chosen provider is made anew: an address that stood there does not get the key", () => {
  const openai = answers({ provider: { provider: "openai", mode: "apiKey", key }, model: "openai:gpt-5" });
  expect(mergeOf(openai, { hasHooksToken: false })).toEqual({
    agents: { defaults: { model: "openai:gpt-5" } },
    openai: { apiKey: "${OPENAI_API_KEY}", baseUrl: null },
  });
});

test("who gives no key keeps the one that is there, and its address", () => {
  const none = { kind: "none" } as const;
  const openai = answers({
    provider: { provider: "openai", mode: "apiKey", key: none },
    model: "openai:gpt-5",
  });
  expect(mergeOf(openai, { hasHooksToken: false })).toEqual({
    agents: { defaults: { model: "openai:gpt-5" } },
  });
  const address = { kind: "text", text: "http://box:11434" } as const;
  const ollama = { provider: "ollama", mode: "baseUrl", baseUrl: address, key: none } as const;
  expect(mergeOf(answers({ provider: ollama }), { hasHooksToken: false })).toMatchObject({
    providers: { ollama: { baseUrl: "http://box:11434", apiKey: null } },
  });
});

test("a key takes the place of a sign-in", () => {
  const gemini = answers({ provider: { provider: "gemini", mode: "apiKey", key }, model: "gemini:x" });
  expect(mergeOf(gemini, { hasHooksToken: false })).toMatchObject({
    google: { apiKey: "${OPENAI_API_KEY}", authProfile: null, baseUrl: null },
  });
});

test("a bot's token does not go to an address that stood there, and a Matrix account keeps nothing of another", () => {
  const bot = answers({ outcome: "discord", channel: { channel: "discord", botToken: key } });
  expect(mergeOf(bot, { hasHooksToken: false })["discord"]).toEqual({
    ...{ baseUrl: null, enabled: true, botToken: "${OPENAI_API_KEY}" },
  });
  const account: ChannelAnswer = {
    channel: "matrix",
    ...{ homeserverUrl: "https://hs", userId: "@me:hs", encrypted: false },
    signIn: { kind: "password", password: key },
    storePassphrase: { kind: "none" },
    ...{ allowUsers: [], allowServerNames: [] },
  };
  const matrix = mergeOf(answers({ outcome: "matrix", channel: account }), { hasHooksToken: false });
  expect(matrix["matrix"]).toMatchObject({
    accessToken: null,
    deviceId: null,
    autoJoin: null,
    password: "${OPENAI_API_KEY}",
  });
});

test("callers of hooks keep the token they know", () => {
  const hooks = answers({ outcome: "hooks", hooksToken: new Secret("new") });
  expect(mergeOf(hooks, { hasHooksToken: true })).toMatchObject({ gateway: { hooks: { enabled: true } } });
  expect(JSON.stringify(mergeOf(hooks, { hasHooksToken: true }))).not.toContain("new");
  expect(mergeOf(hooks, { hasHooksToken: false })).toMatchObject({ gateway: { hooks: { token: "new" } } });
});
