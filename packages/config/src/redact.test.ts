import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { isSecretName, redact, redactNamed } from "./redact.ts";
import { Secret, secretOf } from "./secret.ts";

test.each([
  "apiKey",
  "api_key",
  "botToken",
  "clientSecret",
  "PASSWORD",
  "storePassphrase",
  "recoveryKey",
  "credentials",
])("%s is a secret's name", (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each(["maxTokens", "max_tokens", "contextTokens", "output_tokens", "token_count", "tokenCount", "port"])(
  "%s is not a secret's name",
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

test("config show hides counts too, as the reference does", () => {
  expect(redact({ maxTokens: 5, a: { token: 1 } }, "show")).toEqual({
    maxTokens: "[REDACTED]",
    a: { token: "[REDACTED]" },
  });
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

test("a secret does not come out through text, JSON, templates or inspection", () => {
  const secret = new Secret("hunter2");
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    `${secret}`,
    inspect({ secret }),
    Bun.inspect({ secret }),
  ].join();
  expect(shown).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

test("a blank secret is none", () => {
  expect(secretOf("  ")).toBeUndefined();
  expect(secretOf(null)).toBeUndefined();
  expect(secretOf(" x\n")?.reveal()).toBe("x");
});
