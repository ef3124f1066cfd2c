import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CredentialStore } from "@carapace/secrets";
import { memoryCredentials, noCredentials } from "../testing/credentials.ts";
import { noteAccounts, notedAccounts } from "./leftovers.ts";
import { keyLocation } from "./location.ts";
import { stateKeys } from "./places.ts";

const key = new Uint8Array(32).map((_, n) => n);
const hex = Buffer.from(key).toString("hex");
const password = "correct horse battery";

function directory(store: CredentialStore, set?: string) {
  const dir = mkdtempSync(join(tmpdir(), "carapace-keys-"));
  const file = join(dir, "state.key");
  const keys = (other: Partial<{ password: string | undefined; store: CredentialStore }> = {}) => {
    const places = { store, password: set, ...other };
    return stateKeys({ dir, password: places.password, store: async () => places.store });
  };
  const text = () => readFileSync(file, "utf8");
  return { dir, file, keys, text, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

test("with a durable credential store the file only says which account holds the key", async () => {
  const store = memoryCredentials();
  using at = directory(store, password);
  await at.keys().create(key);
  const id = /^store:v1:([0-9a-f]{32})\n$/.exec(at.text())?.[1];
  expect([...store.held]).toEqual([[`state:key:${id}`, hex]]);
  expect(`state:key:${id}`.length).toBeLessThanOrEqual(64);
  expect(await at.keys().load()).toEqual(key);
  expect(keyLocation(at.dir)).toEqual({ place: "credential-store" });
  expect(readdirSync(at.dir)).toEqual(["state.key"]);
});

test("a store that forgets at a restart never holds the only copy of the key", async () => {
  const store = memoryCredentials({ kind: "kernel-keyring", isDurable: false });
  using at = directory(store, password);
  await at.keys().create(key);
  expect(store.held.size).toBe(0);
  expect(at.text()).toStartWith("enc:v2:");
});

test("without a store the key is sealed with the password, and opens with that one alone", async () => {
  using at = directory(noCredentials(), password);
  await at.keys().create(key);
  expect(at.text()).not.toContain(hex);
  expect(statSync(at.file).mode & 0o777).toBe(0o600);
  expect(await at.keys().load()).toEqual(key);
  expect(keyLocation(at.dir)).toEqual({ place: "password" });
  const without = at.keys({ password: undefined }).load();
  await expect(without).rejects.toMatchObject({ code: "key_locked" });
  await expect(without).rejects.toThrow("set CARAPACE_CONFIG_PASSWORD");
  const wrong = at.keys({ password: "another" }).load();
  await expect(wrong).rejects.toMatchObject({ code: "key_locked" });
  await expect(wrong).rejects.not.toThrow("another");
});

test("with neither the key lies in the file, and its place is a warning that says what to do", async () => {
  using at = directory(noCredentials());
  await at.keys().create(key);
  expect(at.text()).toBe(`${hex}\n`);
  expect(await at.keys().load()).toEqual(key);
  const location = keyLocation(at.dir);
  expect(location.place).toBe("file");
  expect(location.say).toContain("cara state rekey");
  expect(location.say).not.toContain(hex);
});

test("an empty password is none", async () => {
  using at = directory(noCredentials(), "");
  await at.keys().create(key);
  expect(at.text()).toBe(`${hex}\n`);
});

test("a store that takes nothing leaves the next best place, and nothing behind", async () => {
  const store = memoryCredentials();
  store.fault = "locked";
  using at = directory(store, password);
  await at.keys().create(key);
  expect(at.text()).toStartWith("enc:v2:");
  store.fault = undefined;
  expect(await at.keys().load()).toEqual(key);
  await at.keys().tidy();
  expect(readdirSync(at.dir)).toEqual(["state.key"]);
});

test("a store that is locked, absent or emptied is told apart, and no key is made anew", async () => {
  const store = memoryCredentials();
  using at = directory(store);
  await at.keys().create(key);
  const before = at.text();
  store.fault = "locked";
  await expect(at.keys().load()).rejects.toMatchObject({ code: "key_locked" });
  await expect(at.keys().load()).rejects.toThrow("unlock it");
  store.fault = undefined;
  const absent = at.keys({ store: noCredentials() }).load();
  await expect(absent).rejects.toMatchObject({ code: "key_locked" });
  await expect(absent).rejects.toThrow("there is no Secret Service");
  for (const broken of ["", "00", `${hex}0`, hex.toUpperCase()]) {
    for (const account of store.held.keys()) store.held.set(account, broken);
    const damaged = at.keys().load();
    await expect(damaged).rejects.toMatchObject({ code: "key_missing" });
    await expect(damaged).rejects.not.toThrow(hex);
  }
  store.held.clear();
  await expect(at.keys().load()).rejects.toMatchObject({ code: "key_missing" });
  expect(at.text()).toBe(before);
});

test.each([
  ["a pointer of another version", "store:v2:00112233445566778899aabbccddeeff\n"],
  ["a pointer that leads elsewhere", "store:v1:../../gateway:token:default\n"],
  ["a pointer with a capital letter", "store:v1:00112233445566778899AABBCCDDEEFF\n"],
  ["an envelope of another version", "enc:v3:AAAA:AAAA:AAAA\n"],
  ["a malformed envelope", "enc:v2:AAAA:AAAA:AAAA\n"],
  ["a pointer without its newline", "store:v1:00112233445566778899aabbccddeeff"],
])("%s is refused before anything is asked", async (_what, content) => {
  using at = directory(noCredentials(), password);
  writeFileSync(at.file, content, { mode: 0o600 });
  await expect(at.keys().load()).rejects.toMatchObject({ code: "key_unreadable" });
  expect(keyLocation(at.dir)).toMatchObject({ place: "unreadable" });
});

test("an envelope that holds no key is refused", async () => {
  const { createSealer } = await import("@carapace/secrets/envelope");
  using sealer = createSealer(password);
  using at = directory(noCredentials(), password);
  writeFileSync(at.file, `${await sealer.seal("0".repeat(63))}\n`, { mode: 0o600 });
  await expect(at.keys().load()).rejects.toMatchObject({ code: "key_locked" });
});

test("an account that a dying process left behind is removed by the next holder of the lock, the one in use never", async () => {
  const store = memoryCredentials();
  using at = directory(store);
  await at.keys().create(key);
  await at.keys().prepare(new Uint8Array(32), undefined);
  expect(store.held.size).toBe(2);
  store.fault = "locked";
  await at.keys().tidy();
  expect(notedAccounts(at.dir)).toHaveLength(2);
  store.fault = undefined;
  expect(await at.keys().load()).toEqual(key);
  // Whoever only reads the key may not hold the lock, and another process may be about to use the other one.
  expect(store.held.size).toBe(2);
  await at.keys().tidy();
  expect([...store.held.values()]).toEqual([hex]);
  expect(await at.keys().load()).toEqual(key);
  expect(readdirSync(at.dir)).toEqual(["state.key"]);
});

test("a note of accounts that others wrote leads to no other account", async () => {
  const store = memoryCredentials();
  store.held.set("gateway:token:default", "token");
  using at = directory(store);
  noteAccounts(at.dir, ["00112233445566778899aabbccddeeff"]);
  writeFileSync(join(at.dir, "state.key.accounts"), "gateway:token:default\n../x\n", { mode: 0o600 });
  await at.keys().create(key);
  expect(store.held.get("gateway:token:default")).toBe("token");
});

test("nothing stored yet is no key and no warning", async () => {
  using at = directory(noCredentials());
  expect(await at.keys().load()).toBeUndefined();
  expect(keyLocation(at.dir)).toEqual({ place: "none" });
});
