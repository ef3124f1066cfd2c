import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProfileSummary } from "@carapace/accounts";
import { loadConfig } from "@carapace/config";
import { controlBodies } from "@carapace/protocol";
import { testVisit } from "../testing/visit.ts";
import type { ProviderFacts } from "./facts.ts";
import { onboardingRoute } from "./route.ts";

const sealed = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";

interface Given {
  readonly file?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Providers that the running gateway has. */
  readonly running?: readonly string[];
  readonly resting?: ProviderFacts["resting"];
  readonly profiles?: readonly Partial<ProfileSummary>[];
}

async function statusOf({ file = {}, env = {}, running = [], resting = [], profiles = [] }: Given) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-onboarding-"));
  const path = join(folder, "carapace.json5");
  writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
  const loaded = await loadConfig({ env: { HOME: folder, ...env }, path });
  rmSync(folder, { recursive: true });
  if (!loaded.ok) throw new Error(loaded.say);
  const find = (prefix: string) =>
    running.includes(prefix) ? { ok: true as const } : { ok: false as const, say: `start it with ${prefix}` };
  const { handle } = onboardingRoute(() => ({
    ...{ snapshot: loaded.value, find, resting },
    profiles: async () =>
      profiles.map((one) => ({
        id: "x",
        name: "Jane",
        provider: "google",
        kind: "oauth",
        createdAtMs: 1,
        state: "ready",
        ...one,
      })),
  }));
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
  const note = "Replace `<model-id>` with your chosen model before running the command.";
  const cli = (authMode: string, rest: string) => ({
    ...{ kind: "cli", authMode, command: `cara setup --force --provider ${rest}:<model-id>` },
    commandNote: note,
  });
  expect<unknown>(of("anthropic")).toEqual({
    ...{ provider: "anthropic", label: "Anthropic", configured: false },
    supportedAuthModes: ["apiKey", "setupToken"],
    availableEntrypoints: [
      cli("apiKey", "anthropic --auth-mode api-key --model anthropic"),
      cli("setupToken", "anthropic --auth-mode setup-token --model anthropic"),
    ],
    cliSetupCommandNote: note,
  });
  expect(of("gemini").supportedAuthModes).toEqual(["oauth", "apiKey"]);
  expect<unknown>(of("gemini").availableEntrypoints).toEqual([
    { kind: "browser", authMode: "oauth", path: "/control/onboarding/gemini/oauth/start" },
    { kind: "browser", authMode: "apiKey", path: "/control/onboarding/gemini/api-key" },
    cli("oauth", "gemini --auth-mode oauth --model gemini"),
    cli("apiKey", "gemini --auth-mode api-key --model gemini"),
  ]);
  expect(of("codex").cliSetupCommand).toBe("cara setup --force --provider codex --model codex:default");
  expect(of("codex").cliSetupCommandNote).toContain("interactive terminal");
  expect(of("vertex").availableEntrypoints).toEqual([
    { kind: "cli", command: "cara setup --force --provider vertex --model vertex:default" },
  ]);
  expect(providers.map(({ supportedAuthModes }) => supportedAuthModes.join())).toEqual([
    ...["apiKey,setupToken", "oauth", "apiKey", "baseUrl", "oauth,apiKey", "none", "apiKey", "apiKey"],
    "staticCredentials",
  ]);
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

test.each([
  ["ready", "ready", undefined],
  ["locked", "invalid", "CARAPACE_CONFIG_PASSWORD"],
  ["needs_login", "invalid", "cara setup --merge --provider gemini"],
] as const)(
  "a sign-in that is %s makes its provider %s, and is not named",
  async (state, status, remediation) => {
    const { of, text } = await statusOf({
      file: { google: { authProfile: "google-0123456789ab" } },
      running: ["gemini"],
      profiles: [{ id: "google-0123456789ab", name: "Jane Doe", email: "jane@example.org", state }],
    });
    const { assessment } = of("gemini");
    expect([assessment?.status, assessment?.authMode]).toEqual([status, "oauth"]);
    const check = checkOf(assessment?.checks, "profile");
    expect(JSON.stringify(check)).toContain(remediation ?? '"pass"');
    for (const private_ of ["Jane", "jane@", "google-0123"]) expect(text).not.toContain(private_);
  },
);

test("a sign-in that is not stored, or another provider's, does not serve", async () => {
  const { of } = await statusOf({
    file: { codex: { authProfile: "one" } },
    running: ["codex"],
    profiles: [{ id: "one", provider: "google" }],
  });
  expect(of("codex").assessment).toMatchObject({ status: "invalid", authMode: "oauth" });
  expect(checkOf(of("codex").assessment?.checks, "profile")).toMatchObject({
    detail: "codex.authProfile names a sign-in that is not stored",
  });
});

test("Bedrock lacks what of its three settings is not there; a region of the environment is no sign of it", async () => {
  const { of } = await statusOf({ env: { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIA" } });
  const { configured, assessment } = of("bedrock");
  expect([configured, assessment?.status]).toEqual([true, "invalid"]);
  expect(checkOf(assessment?.checks, "region")).toMatchObject({ detail: "AWS_REGION is set" });
  expect(checkOf(assessment?.checks, "secretAccessKey")).toMatchObject({ status: "fail" });
  expect((await statusOf({ env: { AWS_REGION: "eu-west-1" } })).of("bedrock").configured).toBe(false);
});
