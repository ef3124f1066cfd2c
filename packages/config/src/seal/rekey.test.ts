// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { beforeAll, expect, test } from "bun:test";
import { chmodSync, readFileSync } from "node:fs";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { createSealer } from "@carapace/secrets/envelope";
import { hashOf } from "../load/read.ts";
import { loadConfig } from "../load-config.ts";
import { type TestFolder, testFolder } from "../testing/folder.ts";
import type { Environment } from "../types.ts";
import type { WriteContext } from "../write/write.ts";
import { rekeyConfig, resealedText } from "./rekey.ts";
import { sealConfig } from "./seal-file.ts";

const password = "contract-test-password";
const known = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";
let foreign = "";

beforeAll(async () => {
  using other = createSealer("another password");
  foreign = await other.seal("never seen");
});

const withPassword = { CARAPACE_CONFIG_PASSWORD: password };
const contextIn = (folder: TestFolder, env: Environment = withPassword): WriteContext => ({
  env: { ...folder.env, ...env },
  method: "cara config rekey",
  through: "`cara config rekey`",
});
const textIn = (folder: TestFolder) => readFileSync(folder.file("carapace.json5"), "utf8");

async function resolvedWith(folder: TestFolder, newPassword: string) {
  const loaded = await loadConfig({ env: { ...folder.env, CARAPACE_CONFIG_PASSWORD: newPassword } });
  return loaded.ok ? loaded.value.resolved : loaded;
}

test("sealing takes every readable secret, says which, keeps comments, and is done only once", async () => {
  const text = `{
  openai: { apiKey: 'sk-plain-1' }, // was sk-plain-1
  anthropic: { apiKey: '${known}' },
  google: { apiKey: '\${KEY}' },
  $include: 'more.json5',
}
`;
  using folder = testFolder({ "carapace.json5": text, "more.json5": "{slack: {botToken: 'xoxb'}}" });
  const context = contextIn(folder, { ...withPassword, KEY: "from outside" });
  const report = {
    path: folder.file("carapace.json5"),
    sealed: ["openai.apiKey"],
    already: ["anthropic.apiKey"],
    included: ["slack.botToken"],
    leftovers: [{ key: "openai.apiKey", lines: [2] }],
  };
  expect(await sealConfig(context, { dryRun: true })).toEqual({ ok: true, value: report });
  expect(textIn(folder)).toBe(text);
  expect(await sealConfig(context)).toEqual({ ok: true, value: report });
  const sealed = textIn(folder);
  expect(sealed.replace(/"enc:v2:[^"]*:AAECAwQFBgcICQoLDA0ODw=="/, "'sk-plain-1'")).toBe(text);
  expect(await sealConfig(context)).toMatchObject({ ok: true, value: { sealed: [] } });
  expect(textIn(folder)).toBe(sealed);
  const loaded = await loadConfig({ env: context.env });
  expect(loaded).toMatchObject({ ok: true, value: { resolved: { openai: { apiKey: "sk-plain-1" } } } });
});

test("sealing needs a password, a file, and one that loads", async () => {
  using folder = testFolder({ "carapace.json5": "{openai: {apiKey: 'x'}}" });
  expect(await sealConfig(contextIn(folder, { CARAPACE_CONFIG_PASSWORD: "" }))).toMatchObject({
    ok: false,
    say: expect.stringContaining("set CARAPACE_CONFIG_PASSWORD"),
  });
  const path = folder.file("none.json5");
  expect(await sealConfig({ ...contextIn(folder), path })).toMatchObject({ ok: false, code: "not_found" });
  folder.write("carapace.json5", "{gateway: {port: 0}, openai: {apiKey: 'x'}}");
  expect(await sealConfig(contextIn(folder))).toMatchObject({ ok: false, say: "invalid config" });
});

test("sealing with a password that opens nothing is refused: it may be a slip", async () => {
  const text = `{slack: {botToken: '${foreign}'}, openai: {apiKey: 'sk-plain'}}`;
  using folder = testFolder({ "carapace.json5": text });
  expect(await sealConfig(contextIn(folder))).toMatchObject({
    ok: false,
    code: "unauthorized",
    details: { sealed: ["slack.botToken"] },
  });
  expect(textIn(folder)).toBe(text);
});

test("sealing leaves a damaged value as it is, where others show that the password is right", async () => {
  using folder = testFolder({
    "carapace.json5": `{slack: {botToken: '${foreign}'}, google: {apiKey: '${known}'}, openai: {apiKey: 'sk-plain'}}`,
  });
  expect(await sealConfig(contextIn(folder))).toMatchObject({
    ok: true,
    value: { sealed: ["openai.apiKey"] },
  });
  expect(textIn(folder)).toContain(`'${foreign}'`);
  expect(await resolvedWith(folder, password)).toEqual({
    slack: { botToken: null },
    google: { apiKey: "hello secret" },
    openai: { apiKey: "sk-plain" },
  });
});

test("more secrets than a configuration has are refused, and nothing is changed", async () => {
  const secrets = Array.from({ length: 1001 }, (_, index) => [`token${index}`, `secret-${index}`]);
  const text = JSON.stringify({ plugins: { weather: Object.fromEntries(secrets) } });
  using folder = testFolder({ "carapace.json5": text });
  expect(await sealConfig(contextIn(folder))).toMatchObject({
    ok: false,
    code: "invalid_request",
    say: expect.stringContaining("more than 1000 secrets"),
  });
  expect(textIn(folder)).toBe(text);
});

test("rekeying seals everything anew under one salt, comes to the same, and keeps comments and what is not sealed", async () => {
  const text = `{ // mine\n openai: {apiKey: '${known}'}, env: {K: '${known}'}, x: ['\${K}', '${known}'], slack: {botToken: 'plain'} }`;
  using folder = testFolder({ "carapace.json5": text });
  const before = await resolvedWith(folder, password);
  expect(await rekeyConfig("new password", contextIn(folder))).toEqual({
    ok: true,
    value: { path: folder.file("carapace.json5"), count: 3, baseHash: hashOf(text) },
  });
  expect(textIn(folder)).not.toContain(known);
  const envelopes = textIn(folder).match(/enc:v2:[^"]*/g) ?? [];
  expect(new Set(envelopes).size).toBe(3);
  expect(new Set(envelopes.map((envelope) => envelope.split(":").at(-1))).size).toBe(1);
  expect(textIn(folder).replace(/"enc:v2:[^"]*"/g, `'${known}'`)).toBe(text);
  expect(await resolvedWith(folder, "new password")).toEqual(before);
});

test("the text for a new password is made without writing it", async () => {
  const text = `{openai: {apiKey: '${known}'}}`;
  using folder = testFolder({ "carapace.json5": text });
  const made = await resealedText(contextIn(folder), "new password");
  expect(made).toMatchObject({ ok: true, value: { count: 1, baseHash: hashOf(text) } });
  expect(textIn(folder)).toBe(text);
  folder.write("carapace.json5", made.ok ? made.value.text : "");
  expect(await resolvedWith(folder, "new password")).toEqual({ openai: { apiKey: "hello secret" } });
});

test("without anything sealed, or without a file, there is nothing to do, password or not", async () => {
  using folder = testFolder({ "carapace.json5": "{gateway: {port: 1}}" });
  expect(await resealedText(contextIn(folder, {}), "new")).toMatchObject({
    ok: true,
    value: { text: "{gateway: {port: 1}}", count: 0 },
  });
  using empty = testFolder();
  expect(await resealedText(contextIn(empty, {}), "new")).toMatchObject({
    ok: true,
    value: { text: "", count: 0, baseHash: null },
  });
});

test("one value that does not open refuses all, by its path", async () => {
  const text = `{a: '${known}', b: [{c: '${foreign}'}]}`;
  using folder = testFolder({ "carapace.json5": text });
  expect(await rekeyConfig("new", contextIn(folder))).toMatchObject({
    ok: false,
    code: "unauthorized",
    details: { sealed: ["b[0].c"] },
  });
  expect(await rekeyConfig("new", contextIn(folder, {}))).toMatchObject({
    ok: false,
    say: expect.stringContaining("CARAPACE_CONFIG_PASSWORD is not set"),
    details: { sealed: ["a", "b[0].c"] },
  });
  expect(textIn(folder)).toBe(text);
});

test("sealed values that come from elsewhere refuse it: they would stay under the old password", async () => {
  using folder = testFolder({
    "carapace.json5": "{$include: 'more.json5'}",
    "more.json5": `{openai: {apiKey: '${known}'}}`,
    "variable.json5": "{openai: {apiKey: '${KEY}'}}",
  });
  expect(await rekeyConfig("new", contextIn(folder))).toMatchObject({
    code: "conflict",
    details: { sealed: ["openai.apiKey"] },
  });
  const context = contextIn(folder, { ...withPassword, KEY: known });
  expect(await rekeyConfig("new", { ...context, path: folder.file("variable.json5") })).toMatchObject({
    code: "conflict",
  });
});

test.each(["", "a\0b", "\ud800"])("%j is no new password", async (bad) => {
  using folder = testFolder({ "carapace.json5": "{}" });
  expect(await rekeyConfig(bad, contextIn(folder))).toMatchObject({ ok: false, code: "invalid_request" });
});

test("a database key under the same password refuses it and says what changes both", async () => {
  using folder = testFolder({ "carapace.json5": `{a: '${known}'}` });
  chmodSync(folder.write("state.key", `${known}\n`), 0o600);
  expect(await rekeyConfig("new", contextIn(folder))).toMatchObject({
    code: "conflict",
    say: expect.stringContaining("cara state rekey --new-password"),
  });
  folder.write("state.key", `${"0".repeat(64)}\n`);
  expect(await rekeyConfig("new", contextIn(folder))).toMatchObject({ ok: true });
});

test("a fault or a crash at any step of a rekey leaves a file that the old or the new password opens whole", async () => {
  const text = `{a: '${known}', b: '${known}'}`;
  const faults = { create: "EACCES", write: "ENOSPC", sync: "EIO", rename: "crash", syncFolder: "crash" };
  for (const [at, [step, fault]] of Object.entries(faults).entries()) {
    using folder = testFolder({ "carapace.json5": text });
    const steps = faultySteps(at, () => {
      throw fault === "crash" ? new Crash() : systemError(fault);
    });
    const done = await rekeyConfig("new", { ...contextIn(folder), steps }).catch((error: unknown) => error);
    expect(done).not.toMatchObject({ ok: true });
    expect(steps.taken.at(at)).toBe(step);
    if (step !== "syncFolder") expect(textIn(folder)).toBe(text);
    else expect(await resolvedWith(folder, "new")).toEqual({ a: "hello secret", b: "hello secret" });
  }
});
