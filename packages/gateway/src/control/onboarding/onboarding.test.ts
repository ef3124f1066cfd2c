import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@carapace/config";
import { controlBodies } from "@carapace/protocol";
import { testVisit } from "../testing/visit.ts";
import type { ProviderFacts } from "./assess.ts";
import { onboardingRoute } from "./route.ts";

const sealed = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";

interface Given {
  readonly file?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Providers that the running gateway has. */
  readonly running?: readonly string[];
  readonly resting?: ProviderFacts["resting"];
}

async function statusOf({ file = {}, env = {}, running = [], resting = [] }: Given) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-onboarding-"));
  const path = join(folder, "carapace.json5");
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
  const loaded = await loadConfig({ env: { HOME: folder, ...env }, path });
  rmSync(folder, { recursive: true });
  if (!loaded.ok) throw new Error(loaded.say);
  const find = (prefix: string) =>
    running.includes(prefix) ? { ok: true as const } : { ok: false as const, say: `start it with ${prefix}` };
  const { handle } = onboardingRoute(() => ({ snapshot: loaded.value, find, resting }));
  const answer = await handle(testVisit("/control/onboarding/status"));
  const text = await answer.text();
  const { providers } = controlBodies.onboarding.parse(JSON.parse(text));
  const of = (name: string) => {
    const found = providers.find(({ provider }) => provider === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return { providers, of, text };
}

const checkOf = (checks: readonly { name: string }[] | undefined, name: string) =>
  checks?.find((check) => check.name === name);

test("the providers stand in the contract's order, none set up, each with the ways that exist", async () => {
  const { providers, of } = await statusOf({});
  expect(providers.map(({ provider, label }) => `${provider} ${label}`)).toEqual([
    ...["anthropic Anthropic", "codex Codex", "openai OpenAI", "ollama Ollama", "gemini Gemini"],
    ...["vertex Vertex", "nearai NEAR AI Cloud", "venice Venice", "bedrock Bedrock"],
  ]);
  expect(providers.filter(({ configured, assessment }) => configured || assessment)).toEqual([]);
  expect(of("anthropic")).toMatchObject({
    supportedAuthModes: ["apiKey"],
    cliSetupCommand: "cara secrets set anthropic.apiKey",
    availableEntrypoints: [{ kind: "cli", authMode: "apiKey" }],
  });
  expect(of("gemini")).toEqual({
    ...{ provider: "gemini", label: "Gemini", configured: false },
    ...{ supportedAuthModes: [], availableEntrypoints: [] },
  });
});

test("a key in the environment and a running provider are ready, and the key is not shown", async () => {
  const key = "sk-planted-Zx9Qw7Lm2Kp4Rt8";
  const { of, text } = await statusOf({ env: { OPENAI_API_KEY: key }, running: ["openai"] });
  const { configured, assessment } = of("openai");
  expect([configured, assessment?.status, assessment?.authMode]).toEqual([true, "ready", "apiKey"]);
  expect(checkOf(assessment?.checks, "setting")).toMatchObject({ detail: "OPENAI_API_KEY is set" });
  expect(text).not.toContain(key);
});

test("an address without a key is not enough, and says what to type", async () => {
  const { of } = await statusOf({ file: { anthropic: { baseUrl: "https://proxy.example" } } });
  const { assessment } = of("anthropic");
  expect(assessment).toMatchObject({ status: "invalid", summary: "Anthropic: anthropic.apiKey is not set." });
  expect(checkOf(assessment?.checks, "setting")).toMatchObject({
    status: "fail",
    remediation: "cara secrets set anthropic.apiKey",
  });
  expect(checkOf(assessment?.checks, "address")).toMatchObject({ detail: "anthropic.baseUrl names another" });
});

test("a sealed key that does not open asks for the password", async () => {
  const { of } = await statusOf({ file: { openai: { apiKey: sealed } } });
  const { configured, assessment } = of("openai");
  expect([configured, assessment?.status]).toEqual([true, "invalid"]);
  expect(checkOf(assessment?.checks, "setting")).toMatchObject({
    detail: "openai.apiKey is sealed and does not open",
    remediation: "set CARAPACE_CONFIG_PASSWORD where the gateway starts",
  });
});

test("what the running gateway does not have yet is told with what to do", async () => {
  const { of } = await statusOf({ file: { providers: { ollama: {} } } });
  const { configured, assessment } = of("ollama");
  expect([configured, assessment?.status]).toEqual([true, "invalid"]);
  expect(checkOf(assessment?.checks, "in_force")).toMatchObject({ remediation: "start it with ollama" });
  const running = await statusOf({ file: { providers: { ollama: {} } }, running: ["ollama"] });
  expect(running.of("ollama").assessment?.status).toBe("ready");
});

test("a model that failed makes it partial; addresses of people are cut out", async () => {
  const { of } = await statusOf({
    file: { agents: { defaults: { model: "openai:gpt-5.5" } } },
    env: { OPENAI_API_KEY: "sk-x" },
    running: ["openai"],
    resting: [{ model: "openai:gpt-5.5", why: "the account of jane.doe@example.org is out of credit" }],
  });
  const { assessment } = of("openai");
  expect(assessment?.status).toBe("partial");
  expect(checkOf(assessment?.checks, "answers")).toMatchObject({
    status: "fail",
    detail: "openai:gpt-5.5 failed: the account of [e-mail] is out of credit",
  });
  expect(checkOf(assessment?.checks, "default_model")).toMatchObject({ status: "pass" });
});

test("a provider of a later version is configured and of no use yet", async () => {
  const { of } = await statusOf({ file: { google: { apiKey: "x" } } });
  const { configured, assessment } = of("gemini");
  expect([configured, assessment?.status, assessment?.authMode]).toEqual([true, "invalid", null]);
  expect(assessment?.summary).toBe("Gemini: Gemini is not in this version.");
});
