// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { beforeAll, expect, test } from "bun:test";
import { argon2Sync, createDecipheriv } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { createSealer } from "@carapace/secrets/envelope";
import { hashOf } from "../load/read.ts";
import { loadConfig } from "../load-config.ts";
import { valueAt } from "../record.ts";
import { type TestFolder, testFolder } from "../testing/folder.ts";
import type { Environment } from "../types.ts";
import { patchConfig, replaceConfig, setConfigValue, unsetConfigValue, type WriteContext } from "./write.ts";

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
  method: "config.set",
  through: "a test",
});
const textIn = (folder: TestFolder) => readFileSync(folder.file("carapace.json5"), "utf8");

/** Opens an envelope by the format alone, as the reference would. */
function openByFormat(envelope: unknown): string {
  const [, version, ...parts] = String(envelope).split(":");
  expect(version).toBe("v2");
  const [nonce, sealed, salt] = parts.map((part) => Buffer.from(part, "base64"));
  if (!nonce || !sealed || !salt) throw new Error("no envelope");
  const how = { memory: 65_536, passes: 3, parallelism: 1, tagLength: 32 };
  const key = argon2Sync("argon2id", { ...how, message: Buffer.from(password), nonce: salt });
  const cipher = createDecipheriv("aes-256-gcm", key, nonce);
  cipher.setAuthTag(sealed.subarray(-16));
  return cipher.update(sealed.subarray(0, -16), undefined, "utf8") + cipher.final("utf8");
}

test("a write with the password seals what is secret, where it stands, and keeps everything around it", async () => {
  const text = `{
  // mine
  openai: { apiKey: 'sk-plain' }, // key
  anthropic: { apiKey: '${known}' },
  gateway: { remote: { authToken: "tok" }, port: 1 },
  env: { OPENAI_API_KEY: 'k', OTHER: 'o', vars: { SLACK_BOT_TOKEN: 's' } },
  plugins: { weather: { apiKey: 'p', city: 'Rome' } },
  telegram: { baseUrl: 'http://me:pw@127.0.0.1/', botToken: '\${OPENAI_API_KEY}' },
  slack: { botToken: 'x\${OTHER}', signingSecret: '' },
  discord: { botToken: null },
}
`;
  using folder = testFolder({ "carapace.json5": text });
  const before = await loadConfig({ env: { ...folder.env, ...withPassword } });
  const written = await setConfigValue("gateway.port", 2, contextIn(folder));
  if (!written.ok || !before.ok) throw new Error("refused");
  const now = Bun.JSON5.parse(textIn(folder)) as never;
  const plain = [
    [["openai", "apiKey"], "sk-plain"],
    [["gateway", "remote", "authToken"], "tok"],
    [["env", "OPENAI_API_KEY"], "k"],
    [["env", "vars", "SLACK_BOT_TOKEN"], "s"],
    [["plugins", "weather", "apiKey"], "p"],
    [["telegram", "baseUrl"], "http://me:pw@127.0.0.1/"],
  ] as const;
  const quotes = new Map(plain.map(([path]) => [path, `"${valueAt(now, path)}"`]));
  const expected = plain.reduce(
    (all, [path, was]) => all.replace(new RegExp(`'${was}'|"${was}"`), quotes.get(path) ?? ""),
    text,
  );
  expect(textIn(folder)).toBe(expected.replace("port: 1", "port: 2"));
  expect(openByFormat(valueAt(now, ["openai", "apiKey"]))).toBe("sk-plain");
  expect(openByFormat(valueAt(now, ["telegram", "baseUrl"]))).toBe("http://me:pw@127.0.0.1/");
  // One salt in all: that of the value that was sealed before.
  expect(textIn(folder).split(":AAECAwQFBgcICQoLDA0ODw==").length - 1).toBe(7);
  expect(written.value.hash).toBe(hashOf(textIn(folder)));
  expect(written.value.resolved).toEqual({
    ...before.value.resolved,
    gateway: { remote: { authToken: "tok" }, port: 2 },
  });
});

test("a second write changes nothing of what is sealed, and neither does the same text put in again", async () => {
  using folder = testFolder({ "carapace.json5": `{plugins: {w: {token: '${known}'}}, gateway: {port: 1}}` });
  const context = contextIn(folder);
  const first = textIn(folder);
  expect((await setConfigValue("plugins.w.token", "hello secret", context)).ok).toBe(true);
  expect(textIn(folder)).toBe(first);
  const raw = "{plugins: {w: {token: 'hello secret'}}, gateway: {port: 2}} // new";
  expect((await replaceConfig(raw, hashOf(first), context)).ok).toBe(true);
  expect(textIn(folder)).toBe(raw.replace("'hello secret'", `"${known}"`).concat("\n"));
});

test("a protected sealed value counts as unchanged if its own text is put in, as changed if another is", async () => {
  const text = `{openai: {apiKey: '${known}'}}`;
  using folder = testFolder({ "carapace.json5": text });
  const context = contextIn(folder);
  expect(await patchConfig("{openai: {apiKey: 'other'}}", hashOf(text), context)).toMatchObject({
    code: "forbidden",
    details: { protected: ["openai.apiKey"] },
  });
  expect(await patchConfig("{openai: {apiKey: 'hello secret'}}", hashOf(text), context)).toMatchObject({
    ok: true,
  });
  expect(textIn(folder)).toBe(text);
});

test("an escaped placeholder is sealed as the text it stands for, and comes back as it", async () => {
  using folder = testFolder();
  const written = await setConfigValue("plugins.w.token", "a$${HOME}b", contextIn(folder));
  expect(written).toMatchObject({
    ok: true,
    value: { resolved: { plugins: { w: { token: "a${HOME}b" } } } },
  });
  expect(openByFormat(valueAt(JSON.parse(textIn(folder)), ["plugins", "w", "token"]))).toBe("a${HOME}b");
});

test.each(["${OPENAI_API_KEY", "x${", "${openai_api_key}", "${Mine_Own}"])(
  "%p at a secret key is refused as a slip, and written nowhere",
  async (text) => {
    using folder = testFolder({ "carapace.json5": "{}" });
    const context = { ...contextIn(folder, { MINE_OWN: "x" }), secretKey: "matrix.password" };
    const refused = await setConfigValue("matrix.password", text, context);
    expect(refused).toMatchObject({
      ok: false,
      say: "invalid config",
      details: { issues: [{ path: ".matrix.password" }] },
    });
    expect(textIn(folder)).toBe("{}");
  },
);

test("without the password nothing is put over a sealed value; unrelated edits keep it to the byte", async () => {
  const text = `{plugins: {w: {token: '${known}'}}, odd: 'enc:v2:x', /* c */ gateway: {port: 1}}`;
  using folder = testFolder({ "carapace.json5": text });
  const context = contextIn(folder, {});
  for (const refused of [
    await setConfigValue("plugins.w.token", "hello secret", context),
    await setConfigValue("plugins.w", null, context),
    await unsetConfigValue("plugins", context),
    await replaceConfig("{odd: 'enc:v2:x'}", hashOf(text), context),
  ]) {
    expect(refused).toMatchObject({
      ok: false,
      code: "forbidden",
      say: "Cannot change sealed values without their password: plugins.w.token; set CARAPACE_CONFIG_PASSWORD and try again",
    });
  }
  expect(await unsetConfigValue("odd", context)).toMatchObject({ details: { sealed: ["odd"] } });
  expect(textIn(folder)).toBe(text);
  expect((await setConfigValue("gateway.port", 2, context)).ok).toBe(true);
  expect(textIn(folder)).toBe(text.replace("port: 1", "port: 2"));
});

test("without a password and without sealed values a text is written as it is given", async () => {
  using folder = testFolder();
  await setConfigValue("plugins.w.token", "plain", contextIn(folder, {}));
  expect(JSON.parse(textIn(folder))).toEqual({ plugins: { w: { token: "plain" } } });
});

test("with another password what does not open stays to the byte; a new text is sealed over it, and that is told", async () => {
  const text = `{a: '${foreign}', plugins: {w: {token: '${foreign}'}}}`;
  using folder = testFolder({ "carapace.json5": text });
  expect((await setConfigValue("gateway.port", 2, contextIn(folder))).ok).toBe(true);
  expect(textIn(folder)).toContain(text.slice(0, -1));
  const written = await setConfigValue("plugins.w.token", "new", contextIn(folder));
  if (!written.ok) throw new Error(written.say);
  const now = Bun.JSON5.parse(textIn(folder)) as never;
  expect(openByFormat(valueAt(now, ["plugins", "w", "token"]))).toBe("new");
  expect(valueAt(now, ["a"])).toBe(foreign);
  expect(written.value.issues).toContainEqual({
    severity: "warning",
    path: ".plugins.w.token",
    message: "a sealed value that did not open stood here and is gone now",
  });
});

test("where the password opens nothing, what stands readable stays so: the password may be a slip", async () => {
  const text = `{slack: {botToken: '${foreign}'}, openai: {apiKey: 'sk-plain'}}`;
  using folder = testFolder({ "carapace.json5": text });
  const written = await setConfigValue("plugins.w.token", "new", contextIn(folder));
  if (!written.ok) throw new Error(written.say);
  const now = Bun.JSON5.parse(textIn(folder)) as never;
  expect(openByFormat(valueAt(now, ["plugins", "w", "token"]))).toBe("new");
  expect(valueAt(now, ["openai", "apiKey"])).toBe("sk-plain");
  expect(written.value.issues.find(({ path }) => path === ".openai.apiKey")?.message).toContain(
    "left readable",
  );
});

test("a sealed value is neither moved nor copied, not even with the password, nor one of another version written over", async () => {
  using folder = testFolder({ "carapace.json5": `{plugins: {w: {token: '${known}'}}}` });
  for (const [key, value] of [
    ["agents.defaults.system", known],
    ["agents.defaults.system", "enc:v2:half"],
    ["agents.defaults.system", "enc:v9:x"],
    ["bindings.list", [{ x: known }]],
  ] as const) {
    expect(await setConfigValue(key, value, contextIn(folder))).toMatchObject({
      ok: false,
      code: "forbidden",
    });
  }
  using newer = testFolder({ "carapace.json5": "{plugins: {w: {token: 'enc:v3:x'}}}" });
  expect(await setConfigValue("plugins.w.token", "x", contextIn(newer))).toMatchObject({
    code: "forbidden",
    details: { sealed: ["plugins.w.token"] },
  });
});

test("where a comment would be lost nothing is written", async () => {
  const text = "{agents: {list: [{id: 'a'}, /* mine */ {id: 'b'}]}}";
  using folder = testFolder({ "carapace.json5": text });
  const refused = await setConfigValue("agents.list", [{ id: "x" }], contextIn(folder, {}));
  expect(refused).toMatchObject({
    code: "conflict",
    say: expect.stringContaining("comments cannot be kept"),
  });
  expect(textIn(folder)).toBe(text);
  expect((await setConfigValue("agents.list[1].id", "c", contextIn(folder, {}))).ok).toBe(true);
  expect(textIn(folder)).toBe(text.replace("'b'", '"c"'));
  expect((await unsetConfigValue("agents.list[0]", contextIn(folder, {}))).ok).toBe(true);
  expect(textIn(folder)).toBe('{agents: {list: [ /* mine */ {id: "c"}]}}');
});

/** What stands in the file, and whether anything else in the folder holds the plain secret. */
function aftermath(folder: TestFolder) {
  const others = readdirSync(folder.path).filter((name) => name !== "carapace.json5");
  const texts = others
    .filter((name) => statSync(folder.file(name)).isFile())
    .map((name) => readFileSync(folder.file(name), "utf8"));
  return { text: textIn(folder), hasLeak: texts.some((text) => text.includes("sk-plain")) };
}

const steps = ["create", "write", "sync", "rename", "syncFolder"];

test("the steps of a write are those of the contract, on a draft of the contract's name", async () => {
  using folder = testFolder({ "carapace.json5": "{}" });
  const counting = faultySteps(-1, () => {});
  let draft = "";
  const create = (path: string) => {
    draft = path;
    return counting.create(path);
  };
  await setConfigValue("gateway.port", 2, { ...contextIn(folder, {}), steps: { ...counting, create } });
  expect(counting.taken).toEqual(steps);
  expect(draft).toMatch(new RegExp(`/carapace\\.json5\\.cfg\\.tmp\\.${process.pid}\\.\\d+$`));
});

test.each(["EIO", "ENOSPC", "EACCES", "crash"])(
  "%s at any step leaves the old or the new file, whole, and a sentence",
  async (fault) => {
    for (const [at, step] of steps.entries()) {
      using folder = testFolder({ "carapace.json5": "{a: 'old'}" });
      const faulty = faultySteps(at, () => {
        throw fault === "crash" ? new Crash() : systemError(fault);
      });
      const context = { ...contextIn(folder, {}), steps: faulty };
      const done = await setConfigValue("a", "new", context).catch((error: unknown) => error);
      const isNew = step === "syncFolder";
      expect(textIn(folder)).toBe(isNew ? '{a: "new"}' : "{a: 'old'}");
      if (fault === "crash") expect(done).toBeInstanceOf(Crash);
      else
        expect(done).toMatchObject({
          ok: false,
          code: "unavailable",
          say: expect.stringContaining(isNew ? "is written" : "Nothing was changed."),
        });
      // The lock is free, and the next write cleans up.
      expect((await setConfigValue("a", "next", contextIn(folder, {}))).ok).toBe(true);
      expect(readdirSync(folder.path).sort()).toEqual(["carapace.json5", "carapace.json5.lock"]);
    }
  },
);

test("a crash at any step of a sealing write leaves no second copy of the secret", async () => {
  for (const [at, step] of steps.entries()) {
    using folder = testFolder({ "carapace.json5": "{openai: {apiKey: 'sk-plain'}}" });
    const crashing = faultySteps(at, () => {
      throw new Crash();
    });
    await expect(
      setConfigValue("gateway.port", 2, { ...contextIn(folder), steps: crashing }),
    ).rejects.toThrow(Crash);
    const { text, hasLeak } = aftermath(folder);
    expect(hasLeak).toBe(false);
    expect(text.includes("sk-plain")).toBe(step !== "syncFolder");
  }
});

test("a link swapped in at any step is never written through", async () => {
  for (const [at, step] of steps.entries()) {
    using folder = testFolder({ "carapace.json5": "{a: 'old'}", victim: "untouched" });
    const path = folder.file("carapace.json5");
    const swapped = faultySteps(at, () => {
      rmSync(path);
      symlinkSync(folder.file("victim"), path);
    });
    await setConfigValue("a", "new", { ...contextIn(folder, {}), steps: swapped });
    expect(readFileSync(folder.file("victim"), "utf8")).toBe("untouched");
    if (step !== "syncFolder") expect(textIn(folder)).toBe('{a: "new"}');
  }
});

test("a folder replaced at any step takes no half of the file, and the old one is whole", async () => {
  for (const at of steps.keys()) {
    using outer = testFolder({ "dir/carapace.json5": "{a: 'old'}" });
    const env = { ...outer.env, CARAPACE_CONFIG_PATH: outer.file("dir/carapace.json5") };
    const replaced = faultySteps(at, () => {
      renameSync(outer.file("dir"), outer.file("moved"));
      mkdirSync(outer.file("dir"));
    });
    await setConfigValue("a", "new", { env, method: "m", through: "a test", steps: replaced });
    const places = ["moved", "dir"].map((name) => outer.file(`${name}/carapace.json5`)).filter(existsSync);
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(["{a: 'old'}", '{a: "new"}']).toContain(readFileSync(place, "utf8"));
  }
});
