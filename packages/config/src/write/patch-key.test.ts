import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { lockFile } from "@carapace/files";
import { hashOf } from "../load/read.ts";
import { testFolder } from "../testing/folder.ts";
import { patchConfigKey } from "./patch-key.ts";
import { isProtectedKey } from "./protected-key.ts";

const key = "gateway.controlUi.enabled";
const file = "carapace.json5";
const contextIn = (env: Readonly<Record<string, string | undefined>>) => ({
  env,
  method: "PATCH",
  through: "the control API",
});

test("a key is set beside its comments, and the hash told is that of the new file", async () => {
  const text = "{\n  // mine\n  gateway: { controlUi: { enabled: false } }, // here\n}\n";
  using folder = testFolder({ [file]: text });
  const patched = await patchConfigKey({ key, value: true, baseHash: hashOf(text) }, contextIn(folder.env));
  const now = readFileSync(folder.file(file), "utf8");
  expect(now).toBe("{\n  // mine\n  gateway: { controlUi: { enabled: true } }, // here\n}\n");
  expect(patched.ok && patched.snapshot.hash).toBe(hashOf(now));
});

test("without a file no hash is asked for, and one is made", async () => {
  using folder = testFolder();
  const patched = await patchConfigKey({ key, value: true }, contextIn(folder.env));
  expect(patched).toMatchObject({
    ok: true,
    snapshot: { parsed: { gateway: { controlUi: { enabled: true } } } },
  });
  expect(patched.ok && patched.snapshot.hash).toBe(hashOf(readFileSync(folder.file(file), "utf8")));
});

test("the checks come in the order of the contract", async () => {
  using folder = testFolder({ [file]: "{ not json" });
  const patch = (baseHash: string | undefined) =>
    patchConfigKey(
      { key, value: true, ...(baseHash === undefined ? {} : { baseHash }) },
      contextIn(folder.env),
    );
  expect(await patch(undefined)).toMatchObject({ ok: false, problem: "unhashed" });
  expect(await patch(" ")).toMatchObject({ problem: "unhashed" });
  expect(await patch("0".repeat(64))).toMatchObject({ problem: "stale" });
  expect(await patch(hashOf("{ not json"))).toMatchObject({ problem: "unparsable", issues: [] });
  folder.write(file, "[1]");
  expect(await patch(hashOf("[1]"))).toMatchObject({ problem: "unparsable", issues: [] });
  expect(readFileSync(folder.file(file), "utf8")).toBe("[1]");
});

test.each([
  ["of another type", { key, value: "yes" }],
  ["null", { key, value: null }],
  ["drawn from a variable", { key: "gateway.controlUi.basePath", value: `\${HOME}` }],
  ["found wrong by the caller", { key, value: true, problems: [{ path: ".x", message: "no" }] }],
])("a value %s is refused and nothing is written", async (_name, patch) => {
  using folder = testFolder({ [file]: "{}" });
  const refused = await patchConfigKey({ ...patch, baseHash: hashOf("{}") }, contextIn(folder.env));
  expect(refused).toMatchObject({ ok: false, problem: "invalid" });
  expect(refused.ok ? [] : refused.issues).not.toBeEmpty();
  expect(readFileSync(folder.file(file), "utf8")).toBe("{}");
});

test("a file that would not be valid with it is refused with where", async () => {
  const text = "{gateway: {port: 0}}";
  using folder = testFolder({ [file]: text });
  const refused = await patchConfigKey({ key, value: true, baseHash: hashOf(text) }, contextIn(folder.env));
  expect(refused).toMatchObject({ problem: "invalid", issues: [{ path: ".gateway.port" }] });
});

test("a file that is changed by hand while the lock is waited for is not written over", async () => {
  using folder = testFolder({ [file]: "{}" });
  const held = await lockFile(`${folder.file(file)}.lock`);
  if (!held.ok) throw new Error(held.say);
  const patching = patchConfigKey({ key, value: true, baseHash: hashOf("{}") }, contextIn(folder.env));
  writeFileSync(folder.file(file), "{ /* by hand */ }");
  held.value[Symbol.dispose]();
  expect(await patching).toMatchObject({ ok: false, problem: "changed" });
  expect(readFileSync(folder.file(file), "utf8")).toBe("{ /* by hand */ }");
});

test("of two writers who saw the same file one is refused", async () => {
  using folder = testFolder({ [file]: "{}" });
  const patch = (value: boolean) =>
    patchConfigKey({ key, value, baseHash: hashOf("{}") }, contextIn(folder.env));
  const outcomes = await Promise.all([patch(true), patch(false)]);
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  const lost = outcomes.find((outcome) => !outcome.ok);
  expect(lost).toMatchObject({ ok: false, problem: "changed" });
});

test("a lock that another program keeps, a disk that takes nothing and a file nobody may read are told apart", async () => {
  using folder = testFolder({ [file]: "{}" });
  const patch = { key, value: true, baseHash: hashOf("{}") };
  const context = contextIn(folder.env);
  {
    const held = await lockFile(`${folder.file(file)}.lock`);
    if (!held.ok) throw new Error(held.say);
    using _held = held.value;
    expect(await patchConfigKey(patch, { ...context, waitMs: 1 })).toMatchObject({ problem: "busy" });
  }
  const path = folder.file("folder.json5");
  folder.write("folder.json5/x", "");
  expect(await patchConfigKey(patch, { ...context, path })).toMatchObject({ problem: "failed" });
});

test.each([
  "gateway.auth",
  "gateway.auth.token",
  " gateway.auth.mode ",
  "gateway.auth.x[0].y",
  "gateway.controlUi.allowInsecureAuth",
  "gateway.controlUi.dangerouslyDisableDeviceAuth",
  "gateway.controlUi.path",
  "gateway.hooks.token",
  "credentials.anything",
  "secrets",
  "openai.apiKey",
  "openai.baseUrl",
  "models.providers.mine.apiKey",
  "telegram.botToken",
  "auth.profiles.redirectBaseUrl",
  "auth.profiles.providers.google.clientSecret",
  "auth.profiles.providers.google.redirectUri",
  "matrix.storePassphrase",
  "plugins.signature.required",
  "env.OPENAI_API_KEY",
  "env.vars.OPENAI_API_KEY",
])("%s is protected", async (protectedKey) => {
  expect(await isProtectedKey(protectedKey)).toBe(true);
});

test.each(["gateway.port", "gateway.controlUi.enabled", "gateway", "", "a..b", "gateway.AUTH", "__proto__"])(
  "%p is not on the list",
  async (other) => {
    expect(await isProtectedKey(other)).toBe(false);
  },
);
