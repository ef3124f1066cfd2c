// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hashOf } from "../load/read.ts";
import { loadConfig } from "../load-config.ts";
import { type TestFolder, testFolder } from "../testing/folder.ts";
import { patchConfig, replaceConfig, setConfigValue, unsetConfigValue, validateConfig } from "./write.ts";

const envelope = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";

const contextIn = (folder: TestFolder, env: Readonly<Record<string, string>> = {}) => ({
  env: { ...folder.env, ...env },
  method: "config.set",
  through: "WebSocket config methods",
});
const textIn = (folder: TestFolder) => readFileSync(folder.file("carapace.json5"), "utf8");

test("a first write makes the folder and an owner-only file, in the reference's layout", async () => {
  using folder = testFolder();
  const path = folder.file("new/deep/carapace.json");
  const written = await setConfigValue(" routes.b.model ", "openai:x", { ...contextIn(folder), path });
  expect(written).toMatchObject({
    ok: true,
    value: { exists: true, resolved: { routes: { b: { model: "openai:x" } } } },
  });
  expect(readFileSync(path, "utf8")).toBe(
    '{\n  "routes": {\n    "b": {\n      "model": "openai:x"\n    }\n  }\n}\n',
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder.file("new/deep")).mode & 0o777).toBe(0o700);
  expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600);
});

test("setting and unsetting keep comments, and the hash told is that of the file", async () => {
  using folder = testFolder({ "carapace.json5": "{\n  // mine\n  gateway: {port: 4000}, // here\n}\n" });
  const set = await setConfigValue("gateway.port", 5000, contextIn(folder));
  expect(textIn(folder)).toBe("{\n  // mine\n  gateway: {port: 5000}, // here\n}\n");
  expect(set.ok && set.value.hash).toBe(hashOf(textIn(folder)));
  await setConfigValue("agents.defaults.model", "openai:x", contextIn(folder));
  const unset = await unsetConfigValue("gateway", contextIn(folder));
  expect(unset.ok && unset.value.resolved).toEqual({ agents: { defaults: { model: "openai:x" } } });
  expect(textIn(folder)).toContain("// mine");
});

test("entries of lists are set and unset by index", async () => {
  using folder = testFolder({ "carapace.json5": "{agents: {list: [{id: 'a'}, {id: 'b'}]}}" });
  await setConfigValue("agents.list[1].maxTurns", 3, contextIn(folder));
  const written = await unsetConfigValue("agents.list[0]", contextIn(folder));
  expect(written).toMatchObject({
    ok: true,
    value: { parsed: { agents: { list: [{ id: "b", maxTurns: 3 }] } } },
  });
});

test.each(["", " ", "a..b", ".a", "a[x]", "a[0", "__proto__.x", "a.__proto__"])(
  "%p is no key",
  async (key) => {
    using folder = testFolder();
    expect(await setConfigValue(key, 1, contextIn(folder))).toMatchObject({
      ok: false,
      code: "invalid_request",
    });
    expect(await unsetConfigValue(key, contextIn(folder))).toMatchObject({ ok: false });
    expect(existsSync(folder.file("carapace.json5"))).toBe(false);
  },
);

test("a key that is not there cannot be unset, an entry beyond a list cannot be set", async () => {
  using folder = testFolder({ "carapace.json5": "{agents: {list: []}}" });
  expect(await unsetConfigValue("gateway.port", contextIn(folder))).toMatchObject({
    ok: false,
    code: "not_found",
    say: "Key not found: gateway.port",
  });
  expect(await setConfigValue("agents.list[0].id", "a", contextIn(folder))).toMatchObject({
    ok: false,
    code: "invalid_request",
  });
});

test("replacing keeps the text as it is written", async () => {
  using folder = testFolder();
  const written = await replaceConfig("// new\n{gateway: {port: 1}}", undefined, contextIn(folder));
  expect(written.ok).toBe(true);
  expect(textIn(folder)).toBe("// new\n{gateway: {port: 1}}\n");
});

test("a patch merges, null deletes, the rest keeps its comments", async () => {
  using folder = testFolder({
    "carapace.json5": "{\n  gateway: {port: 1, bind: 'lan'}, // net\n  routes: {}\n}",
  });
  const base = hashOf(textIn(folder));
  const written = await patchConfig(
    "{gateway: {bind: null, ws: {maxPerIp: 3}}, agents: {list: [{id: 'x'}]}}",
    base,
    contextIn(folder),
  );
  expect(written).toMatchObject({
    ok: true,
    value: {
      parsed: { gateway: { port: 1, ws: { maxPerIp: 3 } }, routes: {}, agents: { list: [{ id: "x" }] } },
    },
  });
  expect(textIn(folder)).toContain("// net");
});

test("a missing and a stale base hash are refused with the contract's sentences", async () => {
  using folder = testFolder({ "carapace.json5": "{}" });
  expect(await replaceConfig("{}", undefined, contextIn(folder))).toMatchObject({
    code: "invalid_request",
    say: "config base hash required; re-run config.get and retry",
  });
  expect(await patchConfig("{}", "", contextIn(folder))).toMatchObject({ code: "invalid_request" });
  expect(await replaceConfig("{}", "0".repeat(64), contextIn(folder))).toMatchObject({
    code: "conflict",
    say: "config changed since last load; re-run config.get and retry",
  });
});

test("a file that cannot be read has no base hash, and nothing is written", async () => {
  using folder = testFolder({ "carapace.json5": "x".repeat(5 * 1024 * 1024) });
  expect(await setConfigValue("a", 1, contextIn(folder))).toMatchObject({
    code: "unavailable",
    say: expect.stringContaining("config base hash unavailable; "),
  });
});

test("a file that does not parse is not written over", async () => {
  using folder = testFolder({ "carapace.json5": "{a: 1, // half\n" });
  for (const write of [
    setConfigValue("a", 1, contextIn(folder)),
    replaceConfig("{}", hashOf("{a: 1, // half\n"), contextIn(folder)),
  ]) {
    expect(await write).toMatchObject({
      ok: false,
      code: "invalid_request",
      say: expect.stringContaining("cannot be parsed"),
    });
  }
  expect(textIn(folder)).toBe("{a: 1, // half\n");
});

test.each(["[1]", "'x'", "null"])("%s is no configuration", async (raw) => {
  using folder = testFolder();
  expect(await replaceConfig(raw, undefined, contextIn(folder))).toMatchObject({
    say: "config.set raw must be an object",
  });
});

test("text that is not JSON5 and text above 4 MiB are refused", async () => {
  using folder = testFolder();
  expect(await replaceConfig("{a", undefined, contextIn(folder))).toMatchObject({
    ok: false,
    code: "invalid_request",
  });
  const big = `{/*${" ".repeat(4 * 1024 * 1024)}*/}`;
  expect(await replaceConfig(big, undefined, contextIn(folder))).toMatchObject({
    ok: false,
    say: expect.stringContaining("4 MiB"),
  });
});

test.each([
  ["{gateway: {port: 0}}", ".gateway.port"],
  ["{a: '${CARAPACE_NOT_SET}'}", ".a"],
  ["{$include: 'none.json5'}", ".$include"],
  ["{env: {A: '${B}', B: '${A}'}}", ".env"],
  ["{x: 'enc:v9:y'}", ".x"],
])("%s is refused as invalid, with the path, and leaves the file alone", async (raw, path) => {
  using folder = testFolder({ "carapace.json5": "{}" });
  const refused = await replaceConfig(raw, hashOf("{}"), contextIn(folder));
  if (raw.includes("enc:")) expect(refused).toMatchObject({ ok: false, code: "forbidden" });
  else
    expect(refused).toMatchObject({
      ok: false,
      say: "invalid config",
      details: { issues: [{ path, message: expect.any(String) }] },
    });
  expect(textIn(folder)).toBe("{}");
});

test("a protected key is refused by name, an unchanged copy of it is fine", async () => {
  const text = "{gateway: {auth: {token: 'a'}, port: 1}}";
  using folder = testFolder({ "carapace.json5": text });
  const context = contextIn(folder);
  expect(await setConfigValue("gateway.auth.token", "b", context)).toMatchObject({
    code: "forbidden",
    say: "Cannot modify protected configuration through WebSocket config methods: gateway.auth",
    details: { protected: ["gateway.auth"] },
  });
  expect(await unsetConfigValue("gateway", context)).toMatchObject({
    details: { protected: ["gateway.auth"] },
  });
  expect(await setConfigValue("env.vars.OPENAI_BASE_URL", "http://evil", context)).toMatchObject({
    code: "forbidden",
  });
  expect(
    await replaceConfig("{gateway: {auth: {token: 'a'}, port: 2}}", hashOf(text), context),
  ).toMatchObject({ ok: true });
});

test("an include cannot bring a protected key in", async () => {
  using folder = testFolder({
    "carapace.json5": "{}",
    "evil.json5": "{gateway: {auth: {mode: 'none'}}}",
    "good.json5": "{routes: {}}",
  });
  const context = contextIn(folder);
  expect(await setConfigValue("$include", "evil.json5", context)).toMatchObject({
    code: "forbidden",
    details: { protected: ["gateway.auth"] },
  });
  expect(await setConfigValue("$include", "good.json5", context)).toMatchObject({ ok: true });
});

test("a variable that a protected key is made of cannot be changed either", async () => {
  using folder = testFolder({
    "carapace.json5": "{env: {MINE: 'a', OTHER: 'b'}, gateway: {auth: {token: '$" + "{MINE}'}}}",
  });
  const context = contextIn(folder);
  expect(await setConfigValue("env.MINE", "x", context)).toMatchObject({
    code: "forbidden",
    details: { protected: ["gateway.auth"] },
  });
  expect(await setConfigValue("env.OTHER", "x", context)).toMatchObject({ ok: true });
});

test("while the file does not load, includes and variables stay as they are", async () => {
  using folder = testFolder({ "carapace.json5": "{gateway: {auth: {token: '$" + "{CARAPACE_NOT_SET}'}}}" });
  expect(await setConfigValue("env.CARAPACE_NOT_SET", "x", contextIn(folder))).toMatchObject({
    code: "forbidden",
  });
});

test("a sealed value is neither changed, removed, moved nor brought in; other edits keep it to the byte", async () => {
  using folder = testFolder({
    "carapace.json5": `{mine: {key: '${envelope}'}, bad: 'enc:v2:x', routes: {}}`,
  });
  const context = contextIn(folder);
  const base = () => hashOf(textIn(folder));
  for (const refused of [
    await setConfigValue("mine.key", "plain", context),
    await unsetConfigValue("mine", context),
    await setConfigValue("bad", "x", context),
    await setConfigValue("copy", envelope, context),
    await patchConfig("{mine: null}", base(), context),
    await replaceConfig("{}", base(), context),
  ]) {
    expect(refused).toMatchObject({ ok: false, code: "forbidden", details: { sealed: expect.any(Array) } });
  }
  expect(await setConfigValue("gateway.port", 5, context)).toMatchObject({ ok: true });
  expect(textIn(folder)).toContain(`'${envelope}'`);
});

test("a symbolic link stays one, and its target is replaced", async () => {
  using folder = testFolder({ "real.json5": "{}" });
  symlinkSync(folder.file("real.json5"), folder.file("carapace.json5"));
  expect((await setConfigValue("gateway.port", 5, contextIn(folder))).ok).toBe(true);
  expect(lstatSync(folder.file("carapace.json5")).isSymbolicLink()).toBe(true);
  expect(readFileSync(folder.file("real.json5"), "utf8")).toContain("5");
});

test("a file that others could read is for its owner only once it was written", async () => {
  using folder = testFolder({ "carapace.json5": "{}" });
  chmodSync(folder.file("carapace.json5"), 0o644);
  expect((await setConfigValue("gateway.port", 5, contextIn(folder))).ok).toBe(true);
  expect(statSync(folder.file("carapace.json5")).mode & 0o777).toBe(0o600);
});

test("a link that leads nowhere is refused and stays", async () => {
  using folder = testFolder();
  symlinkSync(folder.file("none.json5"), folder.file("carapace.json5"));
  const refused = await setConfigValue("gateway.port", 5, contextIn(folder));
  expect(refused).toMatchObject({ ok: false, code: "unavailable" });
  expect(refused.ok ? "" : refused.say).toEndWith("Nothing was changed.");
  expect(lstatSync(folder.file("carapace.json5")).isSymbolicLink()).toBe(true);
});

test("what a crash between writing and renaming left behind harms nothing and is swept away", async () => {
  using folder = testFolder({ "carapace.json5": "{routes: {}}" });
  writeFileSync(folder.file(`carapace.json5.cfg.tmp.${process.pid}.0`), "{half");
  writeFileSync(folder.file("carapace.json5.cfg.tmp.999999.3"), "{half");
  expect(await loadConfig({ env: folder.env })).toMatchObject({
    ok: true,
    value: { resolved: { routes: {} } },
  });
  expect((await setConfigValue("gateway.port", 5, contextIn(folder))).ok).toBe(true);
  expect(readdirSync(folder.path).sort()).toEqual(["carapace.json5", "carapace.json5.lock"]);
});

test.skipIf(process.getuid?.() === 0)(
  "a folder we may not write in is refused (missing: a user other than root)",
  async () => {
    using folder = testFolder({ "carapace.json5": "{}" });
    chmodSync(folder.path, 0o500);
    expect(await setConfigValue("a", 1, contextIn(folder))).toMatchObject({ ok: false, code: "unavailable" });
    chmodSync(folder.path, 0o700);
  },
);

test("validating tells warnings, errors and what is no object, and writes nothing", async () => {
  using folder = testFolder();
  const { env } = folder;
  expect(await validateConfig({ raw: "{gatway: {}}" }, { env })).toMatchObject({
    ok: true,
    value: { warnings: [{ path: ".gatway", at: { line: 1 } }] },
  });
  expect(await validateConfig({ config: { gateway: { port: "x" } } }, { env })).toMatchObject({
    say: "invalid config",
    details: { issues: [{ path: ".gateway.port" }] },
  });
  expect(await validateConfig({ config: [] }, { env })).toMatchObject({
    say: "config.validate value must be an object",
  });
  expect(await validateConfig({ raw: "5" }, { env })).toMatchObject({
    say: "config.validate value must be an object",
  });
  expect(await validateConfig({ raw: "{a:" }, { env })).toMatchObject({ ok: false, code: "invalid_request" });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a secret variable cannot be drawn into a place where it could be read or sent", async () => {
  using folder = testFolder({ "carapace.json5": "{x: {mine: '${MYSQL_PWD}'}}" });
  const env = { MYSQL_PWD: "hunter2hunter2", ANTHROPIC_API_KEY: "key-of-the-owner", PLACE: "Rome" };
  const context = contextIn(folder, env);
  for (const [key, value] of [
    ["zzz", "${ANTHROPIC_API_KEY}|${MYSQL_PWD}"],
    ["agents.defaults.timezone", "x${ANTHROPIC_API_KEY}"],
    ["env.HARMLESS", "${MYSQL_PWD}"],
    ["zzz", ["a", { b: "${CARAPACE_CONFIG_PASSWORD}" }]],
  ] as const) {
    const refused = await setConfigValue(
      key,
      value,
      contextIn(folder, { ...env, CARAPACE_CONFIG_PASSWORD: "p" }),
    );
    expect(refused).toMatchObject({ ok: false });
    expect(JSON.stringify(refused)).not.toMatch(/hunter2|key-of/);
  }
  expect(await setConfigValue("zzz", "${MYSQL_PWD}", context)).toMatchObject({
    code: "forbidden",
    say: "Cannot refer to secret variables through WebSocket config methods: ${MYSQL_PWD} at zzz; edit the file instead",
  });
  expect(await setConfigValue("zzz", "${PLACE}, not $${MYSQL_PWD}", context)).toMatchObject({ ok: true });
  expect(await setConfigValue("x.other", 1, context)).toMatchObject({ ok: true });
});

test("the key and the address of any provider of a model list are protected", async () => {
  using folder = testFolder({ "carapace.json5": "{models: {providers: {b: {models: {m: {}}}}}}" });
  const context = contextIn(folder);
  for (const [provider, key] of [
    ["evil", "apiKey"],
    ["evil", "baseUrl"],
    ["b", "baseUrl"],
  ]) {
    expect(await setConfigValue(`models.providers.${provider}.${key}`, "http://evil", context)).toMatchObject(
      {
        code: "forbidden",
        details: { protected: [`models.providers.${provider}.${key}`] },
      },
    );
  }
  expect(await setConfigValue("models.providers.b.models.m.label", "M", context)).toMatchObject({ ok: true });
});

test("an include from outside the folder is neither added nor moved, and tells nothing of what is there", async () => {
  using outside = testFolder({
    "a.json5": "{v: 'theirs'}",
    "broken.json5": "hunter2:",
    "own.json5": "{n: 1}",
  });
  using folder = testFolder({
    "carapace.json5": `{own: {$include: '${outside.file("own.json5")}'}}`,
    "near.json5": "{n: 2}",
  });
  symlinkSync(outside.file("a.json5"), folder.file("link.json5"));
  const context = contextIn(folder);
  const answers = new Set<string>();
  for (const name of [
    outside.file("a.json5"),
    outside.file("broken.json5"),
    outside.file("none.json5"),
    "link.json5",
  ]) {
    const text = JSON.stringify({ x: { $include: name } });
    const written = await patchConfig(text, hashOf(textIn(folder)), context);
    expect(written).toMatchObject({ ok: false, details: { issues: [{ path: ".x.$include" }] } });
    const validated = await validateConfig({ raw: text }, context);
    expect(validated).toMatchObject({ ok: false });
    for (const answer of [written, validated]) answers.add(JSON.stringify(answer).replaceAll(name, "NAME"));
  }
  expect([...answers].filter((answer) => /theirs|hunter2|not there/.test(answer))).toEqual([]);
  expect(await setConfigValue("near.$include", "near.json5", context)).toMatchObject({ ok: true });
  expect(await setConfigValue("gateway.port", 5, context)).toMatchObject({
    ok: true,
    value: { resolved: { own: { n: 1 }, near: { n: 2 } } },
  });
});
