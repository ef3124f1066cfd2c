import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { Answers } from "./answers.ts";
import { assemble } from "./assemble.ts";

const random = (bytes: number) => new Uint8Array(bytes).fill(0xab);
const typed = { kind: "typed", secret: new Secret("sk-1") } as const;
const of = (answers: Partial<Answers>, env = {}) => assemble(answers, { env, random, mode: "create" });

test("what was not asked is at its default, and the token is made", () => {
  const made = of({ pace: "quick", provider: "offline" });
  expect(made).toMatchObject({ bind: "loopback", port: 18789, outcome: "local-chat", controlUi: false });
  expect(made.provider).toEqual({ provider: "offline" });
  expect(made.auth.mode === "token" && made.auth.token.reveal()).toBe("ab".repeat(32));
  expect(made.hooksToken).toBeUndefined();
});

test("the quick way takes Ollama's address and key from the environment, every step only what was said", () => {
  const env = { OLLAMA_BASE_URL: "http://box:11434", OLLAMA_API_KEY: "k" };
  expect(of({ pace: "quick", provider: "ollama" }, env).provider).toMatchObject({
    baseUrl: { kind: "variable", name: "OLLAMA_BASE_URL" },
    key: { kind: "variable", name: "OLLAMA_API_KEY" },
  });
  const said = { kind: "text", text: "http://other:11434" } as const;
  expect(of({ pace: "every", provider: "ollama", baseUrl: said }, env).provider).toMatchObject({
    baseUrl: said,
    key: { kind: "none" },
  });
});

test("hooks in the quick way get a token, in every step the one that was made or none", () => {
  expect(of({ pace: "quick", outcome: "hooks" }).hooksToken).toBeDefined();
  expect(of({ pace: "every", outcome: "hooks" }).hooksToken).toBeUndefined();
});

test("an account that was left for later is none", () => {
  expect(of({ outcome: "telegram", botToken: { kind: "none" } }).channel).toBeUndefined();
  expect(of({ outcome: "matrix", homeserverUrl: "" }).channel).toBeUndefined();
  expect(of({ outcome: "discord", botToken: typed, verifyTo: "" }).channel).toEqual({
    channel: "discord",
    botToken: typed,
  });
});

test("a subscription is Codex, wherever it was chosen", () => {
  const profile = { profileId: "openai-1", store: async () => ({ ok: true, value: undefined }) as const };
  const signedIn = { authMode: "oauth", profile, client: { id: "c" } } as const;
  expect(of({ provider: "openai", ...signedIn }).provider).toMatchObject({
    provider: "codex",
    clientId: "c",
  });
  expect(() => of({ provider: "openai", authMode: "oauth" })).toThrow("profile");
});
