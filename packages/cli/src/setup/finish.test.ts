// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig, Secret } from "@carapace/config";
import { emptyHome } from "../../testing/cara.ts";
import { createOutput } from "../output/output.ts";
import type { ProviderAnswer, SetupAnswers } from "./answers.ts";
import { readDraft, saveDraft } from "./draft.ts";
import { finishSetup } from "./finish.ts";

const typed = "sk-typed-0123456789abcdef";
const openai: ProviderAnswer = {
  provider: "openai",
  mode: "apiKey",
  key: { kind: "typed", secret: new Secret(typed) },
};
const live = { status: "pass", detail: "OpenAI takes the key." } as const;

const answersFor = (provider: ProviderAnswer, more: Partial<SetupAnswers> = {}): SetupAnswers => ({
  ...{
    provider,
    model: "openai:gpt-5",
    bind: "loopback",
    port: 4000,
    outcome: "local-chat",
    controlUi: false,
  },
  auth: { mode: "token", token: new Secret("a".repeat(64)) },
  ...more,
});

/** A home, and a setup that is about to end in it. */
function bench(more: Record<string, string> = {}) {
  const home = emptyHome();
  const sink = openSync("/dev/null", "w");
  const out = createOutput({ stdout: sink, stderr: sink });
  const env = { ...home.env, ...more };
  const world = { env, out, nowMs: () => 0, newId: () => "id" };
  let released = 0;
  const guard = {
    async [Symbol.asyncDispose]() {
      released += 1;
    },
  };
  const path = join(home.stateDir, "carapace.json");
  return {
    ...{ world, path, stateDir: home.stateDir },
    released: () => released,
    finish: (answers: SetupAnswers, mode: "create" | "replace" = "create") =>
      finishSetup(answers, live, { world, stateDir: home.stateDir, mode, guard }),
    text: () => readFileSync(path, "utf8"),
    [Symbol.dispose]() {
      closeSync(sink);
      home[Symbol.dispose]();
    },
  };
}

test("what was typed is written, told to nobody, and found again; the draft is gone, the guard given back", async () => {
  using at = bench();
  saveDraft(at.stateDir, { provider: "openai" }, 0);
  const report = await at.finish(answersFor(openai));
  expect(report).toMatchObject({ ok: true, value: { status: "ready", path: at.path, provider: "OpenAI" } });
  expect(at.text()).toContain(typed);
  const { snapshot: _snapshot, ...told } = report.ok ? report.value : { snapshot: undefined };
  expect(JSON.stringify(told)).not.toContain(typed);
  expect(at.world.out.withoutSecrets(`${typed} ${"a".repeat(64)}`)).not.toMatch(/sk-typed|aaaa/);
  expect(readDraft(at.stateDir, 0)).toBeUndefined();
  expect(at.released()).toBe(1);
});

test("with a config password what was typed is sealed, and read again it is what was typed", async () => {
  using at = bench({ CARAPACE_CONFIG_PASSWORD: "a long enough password" });
  const bot = { kind: "typed", secret: new Secret("123:bot-token") } as const;
  const channel = { channel: "telegram", botToken: bot } as const;
  const report = await at.finish(answersFor(openai, { outcome: "telegram", channel }));
  expect(at.text()).not.toMatch(/sk-typed|bot-token|aaaa/);
  expect(report.ok && report.value.snapshot.config.telegram?.botToken?.reveal()).toBe("123:bot-token");
  expect(report.ok && report.value.checks.filter(({ status }) => status !== "pass")).toEqual([]);
});

test("a key left blank is written as nothing: the file loads, and the status says what is missing", async () => {
  using at = bench();
  for (const provider of [
    { provider: "openai", mode: "apiKey", key: { kind: "none" } },
    { provider: "venice", mode: "apiKey", key: { kind: "none" } },
  ] as const) {
    const model = `${provider.provider}:m`;
    const report = await at.finish(answersFor(provider, { model }), "replace");
    expect(report).toMatchObject({ ok: true, value: { status: "invalid" } });
    expect(report.ok && report.value.warnings.join()).toContain("API_KEY was given");
    expect((await loadConfig({ env: at.world.env })).ok).toBe(true);
  }
});

test("what would not load is refused, nothing is written, and the answers can be mended and finished", async () => {
  using at = bench();
  const missing = { kind: "variable", name: "NOT_SET_ANYWHERE" } as const;
  const refused = await at.finish(answersFor({ provider: "openai", mode: "apiKey", key: missing }));
  expect(refused.ok ? "" : refused.say).toContain("NOT_SET_ANYWHERE");
  expect([existsSync(at.path), at.released()]).toEqual([false, 0]);
  expect(await at.finish(answersFor(openai))).toMatchObject({ ok: true });
});

test("a sign-in is kept only with a configuration that loads, and one that cannot be kept ends it", async () => {
  using at = bench();
  let kept = 0;
  const profile = (
    result: Awaited<ReturnType<Extract<ProviderAnswer, { mode: "setupToken" }>["profile"]["store"]>>,
  ) => ({
    profileId: "anthropic:default",
    store: async () => {
      kept += 1;
      return result;
    },
  });
  const signedIn = (one: ReturnType<typeof profile>, more: Partial<SetupAnswers> = {}) =>
    answersFor(
      { provider: "anthropic", mode: "setupToken", profile: one },
      { model: "anthropic:x", ...more },
    );
  await at.finish(signedIn(profile({ ok: true, value: undefined }), { port: 0 }));
  expect(kept).toBe(0);
  const refused = await at.finish(signedIn(profile({ ok: false, code: "unavailable", say: "no password" })));
  expect(refused).toMatchObject({ ok: false, say: "no password" });
  expect([kept, existsSync(at.path)]).toEqual([1, false]);
  const report = await at.finish(signedIn(profile({ ok: true, value: undefined })));
  // It was not really stored: the assessment looks for itself.
  expect(report.ok && report.value.checks.find(({ name }) => name === "stored sign-in")).toMatchObject({
    status: "fail",
  });
});

test("a configuration that appeared meanwhile is not written over", async () => {
  using at = bench();
  expect(await at.finish(answersFor(openai))).toMatchObject({ ok: true });
  const before = at.text();
  expect(await at.finish(answersFor(openai))).toMatchObject({ ok: false, code: "conflict" });
  expect(at.text()).toBe(before);
});
