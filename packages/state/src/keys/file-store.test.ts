import { expect, test } from "bun:test";
import { chmod, link, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileKeyStore } from "./file-store.ts";

const key = new Uint8Array(32).map((_, n) => n);

async function directory() {
  const dir = await mkdtemp(join(tmpdir(), "carapace-key-"));
  return { dir, path: join(dir, "state.key"), [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

test("a key is written once, for its owner only, and read back", async () => {
  await using at = await directory();
  const store = fileKeyStore(at.dir);
  expect(await store.load()).toBeUndefined();
  await store.create(key);
  expect(await store.load()).toEqual(key);
  expect((await stat(at.path)).mode & 0o777).toBe(0o600);
  expect(await readFile(at.path, "utf8")).toBe(`${Buffer.from(key).toString("hex")}\n`);
});

test("a key is never overwritten", async () => {
  await using at = await directory();
  const store = fileKeyStore(at.dir);
  await store.create(key);
  await expect(store.create(new Uint8Array(32))).rejects.toMatchObject({ code: "key_exists" });
  expect(await store.load()).toEqual(key);
});

test("a key file that others could read is refused with the command that mends it", async () => {
  await using at = await directory();
  const store = fileKeyStore(at.dir);
  await store.create(key);
  await chmod(at.path, 0o644);
  const refused = store.load();
  await expect(refused).rejects.toMatchObject({ code: "key_unreadable" });
  await expect(refused).rejects.toThrow(`run chmod 600 ${at.path}`);
  expect((await stat(at.path)).mode & 0o777).toBe(0o644);
  await chmod(at.path, 0o600);
  expect(await store.load()).toEqual(key);
});

test.each([
  ["empty", ""],
  ["too short", "ab\n"],
  ["without its newline", "ab".repeat(32)],
  ["not hex", `${"zz".repeat(32)}\n`],
  ["too long", `${"ab".repeat(32)}\n\n`],
])("a key file that is %s is refused, without its content in the sentence", async (_what, content) => {
  await using at = await directory();
  await writeFile(at.path, content, { mode: 0o600 });
  const refused = fileKeyStore(at.dir).load();
  await expect(refused).rejects.toMatchObject({ code: "key_unreadable" });
  await expect(refused).rejects.not.toThrow(/abab|zzzz/);
});

test("what the system says of a key file it does not open is told, with what to look at", async () => {
  await using at = await directory();
  await writeFile(join(at.dir, "file"), "");
  const refused = fileKeyStore(join(at.dir, "file")).load();
  await expect(refused).rejects.toMatchObject({ code: "key_unreadable" });
  await expect(refused).rejects.toThrow(/cannot be opened \(ENOTDIR\): check its permissions and its disk\./);
});

test("a symlink, a hard link and a directory in place of the key are refused", async () => {
  await using at = await directory();
  const store = fileKeyStore(at.dir);
  await store.create(key);
  await link(at.path, join(at.dir, "twin"));
  await expect(store.load()).rejects.toMatchObject({ code: "key_unreadable" });
  await rm(join(at.dir, "twin"));
  await rename(at.path, join(at.dir, "moved"));
  await symlink(join(at.dir, "moved"), at.path);
  await expect(store.load()).rejects.toMatchObject({ code: "key_unreadable" });
  await expect(store.create(key)).rejects.toMatchObject({ code: "key_exists" });
});
