// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { faultySteps } from "@carapace/files/testing";
import { loadConfig } from "../load-config.ts";
import { type TestFolder, testFolder } from "../testing/folder.ts";
import { lockConfig } from "./locked.ts";
import { writeOwnersConfig } from "./owners-config.ts";

const name = "carapace.json5";
const textIn = (folder: TestFolder, file = name) => readFileSync(folder.file(file), "utf8");
const token = "a".repeat(64);
const document = {
  gateway: { port: 4000, auth: { mode: "token", token } },
  anthropic: { apiKey: "${ANTHROPIC_API_KEY}" },
};
const env = { ANTHROPIC_API_KEY: "sk-ant-api03-test" };
const writing = (folder: TestFolder, mode: "create" | "replace" | "merge", more = {}) => ({
  env: { ...folder.env, ...env, ...more },
  mode,
});

test("a new configuration is written whole, owner-only, protected keys included", async () => {
  using folder = testFolder();
  const written = await writeOwnersConfig(document, writing(folder, "create"));
  expect(written).toMatchObject({ ok: true, value: { path: folder.file(name) } });
  expect(written.ok && written.value.backupPath).toBeFalsy();
  expect(JSON.parse(textIn(folder))).toEqual(document);
  expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
  const loaded = await loadConfig(writing(folder, "create"));
  expect(loaded.ok && loaded.value.config.gateway.auth.token?.reveal()).toBe(token);
});

test("create leaves a file that is there alone, and a dangling link too", async () => {
  using folder = testFolder({ [name]: "{}" });
  expect(await writeOwnersConfig(document, writing(folder, "create"))).toMatchObject({
    ok: false,
    code: "conflict",
  });
  expect(textIn(folder)).toBe("{}");
  symlinkSync(folder.file("nowhere"), folder.file("link.json"));
  const linked = { ...writing(folder, "create"), path: folder.file("link.json") };
  expect(await writeOwnersConfig(document, linked)).toMatchObject({ ok: false, code: "conflict" });
  expect(existsSync(folder.file("nowhere"))).toBe(false);
});

test("a variable that is not set keeps the file from being written", async () => {
  using folder = testFolder({ [name]: "{old: 1}" });
  for (const mode of ["replace", "merge"] as const) {
    const context = { env: folder.env, mode };
    const refused = await writeOwnersConfig(document, context);
    expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
    expect(JSON.stringify(refused)).toContain("ANTHROPIC_API_KEY");
  }
  expect(textIn(folder)).toBe("{old: 1}");
  expect(readdirSync(folder.path).sort()).toEqual([name, `${name}.lock`]);
});

test("what the schema refuses is not written, and no backup is made", async () => {
  using folder = testFolder({ [name]: "{}" });
  const refused = await writeOwnersConfig({ gateway: { port: 0 } }, writing(folder, "replace"));
  expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
  expect(readdirSync(folder.path).sort()).toEqual([name, `${name}.lock`]);
});

test("replacing keeps the old file, byte for byte, and never writes over an earlier backup", async () => {
  using folder = testFolder({ [name]: "{ // first\n}" });
  const first = await writeOwnersConfig(document, writing(folder, "replace"));
  expect(first.ok && first.value.backupPath).toBe(folder.file(`${name}.bak`));
  const second = await writeOwnersConfig({ gateway: { port: 1 } }, writing(folder, "replace"));
  expect(second.ok && second.value.backupPath).toBe(folder.file(`${name}.bak.1`));
  expect(textIn(folder, `${name}.bak`)).toBe("{ // first\n}");
  expect(JSON.parse(textIn(folder, `${name}.bak.1`))).toEqual(document);
  expect(statSync(folder.file(`${name}.bak`)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(textIn(folder))).toEqual({ gateway: { port: 1 } });
});

test("a file that does not parse, or is no text, can be replaced but not merged into", async () => {
  using folder = testFolder();
  for (const broken of ["{gateway: {", new Uint8Array([0xff, 0xfe, 0x7b])]) {
    folder.write(name, broken);
    expect(await writeOwnersConfig(document, writing(folder, "merge"))).toMatchObject({ ok: false });
    expect(readFileSync(folder.file(name))).toEqual(Buffer.from(broken));
    const written = await writeOwnersConfig(document, writing(folder, "replace"));
    const backup = written.ok ? written.value.backupPath : undefined;
    expect(readFileSync(backup ?? "")).toEqual(Buffer.from(broken));
  }
});

test("merging keeps comments, and what the document does not name", async () => {
  using folder = testFolder({ [name]: "{\n  // mine\n  gateway: {port: 3, bind: 'loopback'}, // here\n}\n" });
  const written = await writeOwnersConfig({ gateway: { port: 4 } }, writing(folder, "merge"));
  expect(written.ok && written.value.backupPath).toBe(folder.file(`${name}.bak`));
  expect(textIn(folder)).toBe("{\n  // mine\n  gateway: {port: 4, bind: 'loopback'}, // here\n}\n");
});

test("merging into no file makes one", async () => {
  using folder = testFolder();
  const written = await writeOwnersConfig(document, writing(folder, "merge"));
  expect(written.ok && written.value.backupPath).toBeFalsy();
  expect(JSON.parse(textIn(folder))).toEqual(document);
});

const password = { CARAPACE_CONFIG_PASSWORD: "a long enough password" };

test("with a config password secrets are sealed, placeholders are not, and all of it loads", async () => {
  using folder = testFolder();
  const context = writing(folder, "create", password);
  const written = await writeOwnersConfig(document, context);
  expect(written.ok).toBe(true);
  expect(textIn(folder)).not.toContain(token);
  expect(JSON.parse(textIn(folder))).toMatchObject({
    gateway: { auth: { token: expect.stringMatching(/^enc:v2:/) } },
    anthropic: document.anthropic,
  });
  const loaded = await loadConfig(context);
  expect(loaded.ok && loaded.value.config.gateway.auth.token?.reveal()).toBe(token);
});

test("a merge keeps the sealed text of what did not change, and none is changed without its password", async () => {
  using folder = testFolder();
  await writeOwnersConfig(document, writing(folder, "create", password));
  const before = textIn(folder);
  const merged = await writeOwnersConfig(document, writing(folder, "merge", password));
  expect(merged.ok).toBe(true);
  expect(textIn(folder)).toBe(before);
  const other = { gateway: { auth: { token: "b".repeat(64) } } };
  expect(await writeOwnersConfig(other, writing(folder, "merge"))).toMatchObject({
    ok: false,
    code: "forbidden",
  });
  expect(textIn(folder)).toBe(before);
});

test("a sealed value comes along only if the password opens it", async () => {
  using folder = testFolder();
  await writeOwnersConfig(document, writing(folder, "create", password));
  const sealed = JSON.parse(textIn(folder));
  const path = folder.file("other.json");
  for (const more of [{}, { CARAPACE_CONFIG_PASSWORD: "another password altogether" }]) {
    const refused = await writeOwnersConfig(sealed, { ...writing(folder, "create", more), path });
    expect(refused).toMatchObject({ ok: false, code: "forbidden" });
  }
  const taken = await writeOwnersConfig(sealed, { ...writing(folder, "create", password), path });
  expect(taken.ok && taken.value.snapshot.config.gateway.auth.token?.reveal()).toBe(token);
});

test("what has to be there too is done only for a document that loads, and can refuse the write", async () => {
  using folder = testFolder();
  let calls = 0;
  const whenSound = async () => {
    calls += 1;
    return { ok: false, code: "unavailable", say: "not now" } as const;
  };
  const wrong = { gateway: { port: 0 } };
  await writeOwnersConfig(wrong, { ...writing(folder, "create"), whenSound });
  expect(calls).toBe(0);
  const refused = await writeOwnersConfig(document, { ...writing(folder, "create"), whenSound });
  expect(refused).toMatchObject({ ok: false, say: "not now" });
  expect([calls, existsSync(folder.file(name))]).toEqual([1, false]);
});

test("a placeholder with a slip is refused", async () => {
  using folder = testFolder();
  const slip = { anthropic: { apiKey: "${anthropic_api_key}" } };
  expect(await writeOwnersConfig(slip, writing(folder, "create"))).toMatchObject({ ok: false });
  expect(existsSync(folder.file(name))).toBe(false);
});

test("while another writer holds the lock nothing is written", async () => {
  using folder = testFolder();
  const held = await lockConfig(folder.file(name));
  expect(held.ok).toBe(true);
  const refused = await writeOwnersConfig(document, { ...writing(folder, "create"), waitMs: 30 });
  expect(refused).toMatchObject({ ok: false, code: "unavailable" });
  if (held.ok) held.value[Symbol.dispose]();
});

test("a full disk at any step leaves the old file whole", async () => {
  using folder = testFolder({ [name]: "{old: 1}" });
  const counted = faultySteps(-1, () => {});
  await writeOwnersConfig(document, {
    ...writing(folder, "create"),
    path: folder.file("n.json"),
    steps: counted,
  });
  for (let at = 0; at < 2 * counted.taken.length; at++) {
    const steps = faultySteps(at, () => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    });
    folder.write(name, "{old: 1}");
    await writeOwnersConfig(document, { ...writing(folder, "replace"), steps });
    const text = textIn(folder);
    expect(text === "{old: 1}" || Bun.deepEquals(JSON.parse(text), document)).toBe(true);
  }
});
