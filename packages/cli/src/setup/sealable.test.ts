import { expect, test } from "bun:test";
import { sealableHere } from "./sealable.ts";

const password = { CARAPACE_CONFIG_PASSWORD: "p" };

test.each([
  [{ provider: "codex" }],
  [{ provider: "gemini", authMode: "oauth" }],
  [{ provider: "anthropic", authMode: "setup-token" }],
] as const)("a sign-in that could not be kept is refused before anything is asked: %j", (wishes) => {
  expect(sealableHere(wishes, password)).toMatchObject({ ok: true });
  const say = expect.stringContaining("set CARAPACE_CONFIG_PASSWORD");
  expect(sealableHere(wishes, { CARAPACE_CONFIG_PASSWORD: " " })).toMatchObject({ ok: false, say });
});

test.each([[{}], [{ provider: "gemini", authMode: "api-key" }], [{ provider: "anthropic" }]] as const)(
  "a key needs no password: %j",
  (wishes) => {
    expect(sealableHere(wishes, {})).toMatchObject({ ok: true });
  },
);
