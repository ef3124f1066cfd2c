import { expect, test } from "bun:test";
import { Secret } from "../secret.ts";
import { isSecretName, redact, redactNamed } from "./names.ts";

test.each([
  "apiKey",
  "api_key",
  "x-api-key",
  "botToken",
  "clientSecret",
  "PASSWORD",
  "storePassphrase",
  "recoveryKey",
  "credentials",
  "Authorization",
  "to\u200bken",
  "tokens",
  "readToken",
])("%s is a secret's name", (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  "maxTokens",
  "max_tokens",
  "maxOutputTokens",
  "contextTokens",
  "output_tokens",
  "cacheReadTokens",
  "token_count",
  "tokenCount",
  "tokenBudget",
  "gcloudTokenTimeoutMs",
  "port",
])("%s is not a secret's name", (name) => {
  expect(isSecretName(name)).toBe(false);
});

test("every shape shows counts; they differ in numbers under a secret's name", () => {
  const tree = { maxTokens: 5, agents: { defaults: { contextTokens: 200_000 } }, a: { token: 1 } };
  const shown = { maxTokens: 5, agents: { defaults: { contextTokens: 200_000 } } };
  expect(redact(tree, "show")).toEqual({ ...shown, a: { token: "[REDACTED]" } });
  expect(redact(tree, "api")).toEqual({ ...shown, a: { token: null } });
});

test("texts, objects and lists are replaced, numbers and switches become null, null stays", () => {
  const tree = {
    token: "t",
    secret: { a: 1 },
    credential: ["x"],
    password: 5,
    apiKey: true,
    passwd: null,
    list: [{ token: "x" }],
  };
  expect(redact(tree)).toEqual({
    token: "[REDACTED]",
    secret: "[REDACTED]",
    credential: "[REDACTED]",
    password: null,
    apiKey: null,
    passwd: null,
    list: [{ token: "[REDACTED]" }],
  });
  expect(redactNamed("token", "x")).toBe("[REDACTED]");
  expect(redact({ plain: new Secret("x") })).toEqual({ plain: "[REDACTED]" });
});

test("what stands as a header is a secret whatever it is called, but for the harmless ones", () => {
  const headers = { "X-Door": "a", "Content-Type": "text/plain", deep: { b: "c" } };
  const shown = { "X-Door": "[REDACTED]", "Content-Type": "text/plain", deep: "[REDACTED]" };
  expect(redact({ webhook: { headers, url: "u" } })).toEqual({ webhook: { headers: shown, url: "u" } });
  expect(redact({ headers: ["a"], "X-Door": "b" })).toEqual({ headers: ["a"], "X-Door": "b" });
});
