// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { beforeAll, expect, test } from "bun:test";
import { createSealer } from "@carapace/secrets/envelope";
import { loadConfig } from "../load-config.ts";
import { shownConfig, shownFile, shownKey } from "../shown.ts";
import { openConfigStore } from "../store/store.ts";
import { type TestFolder, testFolder } from "../testing/folder.ts";
import type { ConfigSnapshot, Environment } from "../types.ts";
import { setConfigValue } from "../write/write.ts";
import { openerFrom } from "./opener.ts";

const password = "contract-test-password";
const known = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";
/** Of the same salt as `known`; each holds the text it is named by. */
const of: Record<string, string> = {};
/** Sealed with another password. */
let foreign = "";

beforeAll(async () => {
  using sealer = createSealer(password);
  for (const text of ["a ${PLACE} $${X} ${", "key-of-the-channel", "http://user:pw@host/", "other salt"]) {
    of[text] = await sealer.seal(text, text === "other salt" ? {} : { like: known });
  }
  using other = createSealer("another password");
  foreign = await other.seal("never seen");
});

const opened = (folder: TestFolder, env: Environment = { CARAPACE_CONFIG_PASSWORD: password }) =>
  loaded({ ...folder.env, ...env });

async function loaded(env: Environment): Promise<ConfigSnapshot> {
  const outcome = await loadConfig({ env });
  if (!outcome.ok) throw new Error(outcome.say);
  return outcome.value;
}

const warnedAt = ({ issues }: ConfigSnapshot) =>
  issues.filter(({ message }) => message.includes("sealed value")).map(({ path }) => path);

test("with the right password every sealed value is opened, at any path, of any salt, once a salt", async () => {
  using folder = testFolder({
    "carapace.json5": JSON.stringify({
      openai: { apiKey: known },
      plugins: { x: [{ deep: of["key-of-the-channel"] }] },
      models: { providers: { y: { baseUrl: of["http://user:pw@host/"] } } },
      anthropic: { apiKey: of["other salt"] },
    }),
  });
  using opener = openerFrom({ CARAPACE_CONFIG_PASSWORD: password });
  const outcome = await loadConfig({ env: folder.env, opener });
  expect(outcome).toMatchObject({
    ok: true,
    value: {
      resolved: {
        openai: { apiKey: "hello secret" },
        plugins: { x: [{ deep: "key-of-the-channel" }] },
        models: { providers: { y: { baseUrl: "http://user:pw@host/" } } },
        anthropic: { apiKey: "other salt" },
      },
    },
  });
  expect((await opener.sealer())?.derivations).toBe(2);
});

test("twenty sealed values of one salt take one derivation, and a file without any takes none", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
  using folder = testFolder({
    "carapace.json5": JSON.stringify({ bindings: Object.fromEntries(names.map((name) => [name, known])) }),
    "plain.json5": "{gateway: {port: 1}}",
  });
  using opener = openerFrom({ CARAPACE_CONFIG_PASSWORD: password });
  await loadConfig({ env: folder.env, path: folder.file("plain.json5"), opener });
  expect((await opener.sealer())?.derivations).toBe(0);
  await loadConfig({ env: folder.env, opener });
  await loadConfig({ env: folder.env, opener });
  expect((await opener.sealer())?.derivations).toBe(1);
});

test("values of more salts than a configuration has are refused, and nothing is opened to find that out", async () => {
  const withSalt = (index: number) => {
    const salt = Buffer.alloc(16, index).toString("base64");
    return `${known.slice(0, known.lastIndexOf(":"))}:${salt}`;
  };
  const of = (count: number) =>
    JSON.stringify({ bindings: Array.from({ length: count }, (_, n) => withSalt(n)) });
  using folder = testFolder({
    "carapace.json5": of(65),
    "drawn.json5": "{bindings: ['${A}', {$include: './carapace.json5'}]}",
  });
  using opener = openerFrom({ CARAPACE_CONFIG_PASSWORD: password });
  for (const path of [folder.file("carapace.json5"), folder.file("drawn.json5")]) {
    expect(await loadConfig({ env: { ...folder.env, A: "x" }, path, opener })).toMatchObject({
      ok: false,
      say: expect.stringContaining("more than 64 different salts"),
    });
  }
  const context = {
    env: { ...folder.env, CARAPACE_CONFIG_PASSWORD: password },
    method: "m",
    through: "a test",
  };
  expect(await setConfigValue("gateway.port", 1, context)).toMatchObject({
    ok: false,
    code: "invalid_request",
    say: expect.stringContaining(".bindings[64]"),
  });
  expect((await opener.sealer())?.derivations).toBe(0);
  folder.write("carapace.json5", of(64));
  expect(await loadConfig({ env: folder.env })).toMatchObject({ ok: true });
});

test("what was sealed is the value as it is: a placeholder in it means nothing", async () => {
  const text = {
    env: { A: of["a ${PLACE} $${X} ${"], B: "<${A}>" },
    x: of["a ${PLACE} $${X} ${"],
    y: "${A}",
  };
  using folder = testFolder({ "carapace.json5": JSON.stringify(text) });
  const { resolved, injected, lookup } = await opened(folder);
  expect(resolved).toMatchObject({ x: "a ${PLACE} $${X} ${", y: "a ${PLACE} $${X} ${" });
  expect(injected).toEqual({ A: "a ${PLACE} $${X} ${", B: "<a ${PLACE} $${X} ${>" });
  expect(lookup("A")).toBe("a ${PLACE} $${X} ${");
});

test("sealed variables are opened before anything reads them, direct ones and those in vars", async () => {
  const env = { OPENAI_API_KEY: known, vars: { TELEGRAM_BOT_TOKEN: of["key-of-the-channel"] } };
  const text = {
    env,
    telegram: { botToken: "${TELEGRAM_BOT_TOKEN}" },
    openai: { apiKey: "${OPENAI_API_KEY}" },
  };
  using folder = testFolder({ "carapace.json5": JSON.stringify(text) });
  const { resolved, injected } = await opened(folder);
  expect(resolved).toMatchObject({
    telegram: { botToken: "key-of-the-channel" },
    openai: { apiKey: "hello secret" },
  });
  expect(injected).toEqual({ OPENAI_API_KEY: "hello secret", TELEGRAM_BOT_TOKEN: "key-of-the-channel" });
});

test("an envelope in a variable of the process is opened where a placeholder stands for it", async () => {
  using folder = testFolder({ "carapace.json5": "{openai: {apiKey: '${KEY}'}}" });
  const { resolved } = await opened(folder, { CARAPACE_CONFIG_PASSWORD: password, KEY: known });
  expect(resolved).toEqual({ openai: { apiKey: "hello secret" } });
});

test("a value of another password is null with a warning that names it and what to do; the others open", async () => {
  using folder = testFolder({
    "carapace.json5": `{\n openai: {apiKey: '${known}'},\n slack: {botToken: '${foreign}'}, env: {E: '${foreign}', F: 'x\${E}'}}`,
  });
  const snapshot = await opened(folder);
  expect(snapshot.resolved).toMatchObject({ openai: { apiKey: "hello secret" }, slack: { botToken: null } });
  expect(snapshot.injected).toEqual({});
  expect(warnedAt(snapshot).sort()).toEqual([".env.E", ".slack.botToken"]);
  const warning = snapshot.issues.find(({ path }) => path === ".slack.botToken");
  expect(warning).toMatchObject({ severity: "warning", at: { line: 3 } });
  expect(warning?.message).toContain("another password");
  expect(warning?.message).toContain("start with that password");
});

test.each([{}, { CARAPACE_CONFIG_PASSWORD: "" }])(
  "without a password (%j) sealed values are null",
  async (env) => {
    using folder = testFolder({ "carapace.json5": `{openai: {apiKey: '${known}'}}` });
    const snapshot = await opened(folder, env);
    expect(snapshot.resolved).toEqual({ openai: { apiKey: null } });
    expect(snapshot.issues.find(({ path }) => path === ".openai.apiKey")?.message).toContain(
      "set CARAPACE_CONFIG_PASSWORD",
    );
  },
);

test("the password is never taken from the file", async () => {
  using folder = testFolder({
    "carapace.json5": `{env: {CARAPACE_CONFIG_PASSWORD: '${password}'}, openai: {apiKey: '${known}'}}`,
  });
  expect(await loadConfig({ env: folder.env })).toMatchObject({
    ok: false,
    details: { kind: "ValidationError" },
  });
});

test.each(["enc:v1:abc", "enc:v9:abc"])(
  "%s ends the load, password or not, in a variable too",
  async (text) => {
    for (const file of [`{a: ['${text}']}`, `{env: {A: '${text}'}}`, "{a: '${V}'}"]) {
      using folder = testFolder({ "carapace.json5": file });
      const env = { ...folder.env, CARAPACE_CONFIG_PASSWORD: password, V: text };
      expect(await loadConfig({ env })).toMatchObject({ ok: false, details: { kind: "ValidationError" } });
    }
  },
);

test("no display shows what was sealed, nor the envelope of a secret", async () => {
  const text = {
    openai: { apiKey: known },
    agents: { defaults: { system: `I say ${"hello secret"}` } },
    odd: known,
  };
  using folder = testFolder({
    "carapace.json5": JSON.stringify({ ...text, copy: "say hello secret loudly" }),
  });
  const snapshot = await opened(folder);
  expect(snapshot.secrets).toContain("hello secret");
  const shown = [
    shownConfig(snapshot, "show"),
    shownConfig(snapshot, "api"),
    shownFile(snapshot),
    shownKey(snapshot, "openai.apiKey"),
    shownKey(snapshot, "odd"),
    shownKey(snapshot, "copy"),
  ];
  expect(JSON.stringify(shown)).not.toContain("hello secret");
  expect(shown[3]).toBe("[REDACTED]");
  expect(shown[4]).toBe("[REDACTED]");
  expect(shown[5]).toBe("say [REDACTED] loudly");
});

test("a reload opens with the keys it has, warns of what does not open, and refuses an unknown version", async () => {
  using folder = testFolder({ "carapace.json5": `{openai: {apiKey: '${known}'}}` });
  using opener = openerFrom({ CARAPACE_CONFIG_PASSWORD: password });
  const store = await openConfigStore({ env: folder.env, opener });
  if (!store.ok) throw new Error(store.say);
  using running = store.value;
  folder.write("carapace.json5", `{openai: {apiKey: '${of["key-of-the-channel"]}'}}`);
  expect((await running.reload()).ok).toBe(true);
  expect(running.current().resolved).toEqual({ openai: { apiKey: "key-of-the-channel" } });
  expect((await opener.sealer())?.derivations).toBe(1);
  folder.write("carapace.json5", `{openai: {apiKey: '${foreign}'}}`);
  expect(await running.reload()).toMatchObject({
    ok: true,
    value: { warnings: [expect.stringContaining(".openai.apiKey")] },
  });
  folder.write("carapace.json5", "{openai: {apiKey: 'enc:v3:x'}}");
  expect(await running.reload()).toMatchObject({ ok: false });
  expect(running.current().resolved).toEqual({ openai: { apiKey: null } });
});

test("a watched file is opened when it changes", async () => {
  using folder = testFolder({ "carapace.json5": "{gateway: {reload: {debounceMs: 1}}}" });
  const env = { ...folder.env, CARAPACE_CONFIG_PASSWORD: password };
  const store = await openConfigStore({ env, watch: true });
  if (!store.ok) throw new Error(store.say);
  using running = store.value;
  const changed = new Promise<ConfigSnapshot>((resolve) => running.onChange(resolve));
  folder.write("carapace.json5", `{gateway: {reload: {debounceMs: 1}}, openai: {apiKey: '${known}'}}`);
  expect((await changed).resolved).toMatchObject({ openai: { apiKey: "hello secret" } });
});
