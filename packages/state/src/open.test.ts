import { expect, test } from "bun:test";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import { schemaVersion } from "./database/migrations.ts";
import { fileKeyStore } from "./keys/file-store.ts";
import { openState } from "./open.ts";
import { memoryKeyStore, ownerSays, rawDatabase, temporaryState } from "./testing/index.ts";

const newId = () => crypto.randomUUID();
const chat = SessionKey.parse("cli-chat");

async function directory() {
  const dir = await mkdtemp(join(tmpdir(), "carapace-open-"));
  return {
    dir,
    file: join(dir, "state.db"),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

test("a fresh directory is made, with everything in it for its owner only", async () => {
  await using at = await directory();
  const dir = join(at.dir, "deep", "state");
  const state = await openState({ dir, keys: fileKeyStore(dir), newId });
  await state.sessions.upsert(chat, {}, 1);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  const files = await readdir(dir);
  expect(files.sort()).toEqual(["state.db", "state.db-shm", "state.db-wal", "state.key"]);
  for (const file of files) expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600);
  await state[Symbol.asyncDispose]();
});

test("the index of the log belongs to the database's own name, not to the draft it was made from", async () => {
  if (process.platform !== "linux") return;
  await using fixture = await temporaryState();
  const open = await readFile("/proc/self/maps", "utf8");
  expect(open).toContain(`${fixture.dir}/state.db-shm`);
  expect(open).not.toContain(`${fixture.dir}/state.db.new`);
});

test("modes that are too wide are tightened", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  await chmod(fixture.dir, 0o755);
  await chmod(join(fixture.dir, "state.db"), 0o644);
  await fixture.reopen();
  expect((await stat(fixture.dir)).mode & 0o777).toBe(0o700);
  expect((await stat(join(fixture.dir, "state.db"))).mode & 0o777).toBe(0o600);
});

test("the wrong key is refused, and the database opens again with the right one", async () => {
  await using fixture = await temporaryState();
  await fixture.state.sessions.upsert(chat, {}, 1);
  await fixture.close();
  const wrong = memoryKeyStore(new Uint8Array(32).fill(7));
  const opening = openState({ dir: fixture.dir, keys: wrong, newId });
  await expect(opening).rejects.toMatchObject({ code: "wrong_key" });
  await expect(opening).rejects.toThrow(`${fixture.dir}/state.db`);
  const state = await fixture.reopen();
  expect(await state.sessions.count()).toBe(1);
});

test("a database whose key is gone is refused, and no new key is made over it", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  const none = memoryKeyStore();
  await expect(openState({ dir: fixture.dir, keys: none, newId })).rejects.toMatchObject({
    code: "key_missing",
  });
  expect(await none.load()).toBeUndefined();
});

test.each([
  ["text", "this is not a database, it is a letter to a friend".repeat(200)],
  ["a plain SQLite header", `SQLite format 3\0${"x".repeat(8176)}`],
])("a file that is no database of ours (%s) is refused and left as it is", async (_what, content) => {
  await using at = await directory();
  await writeFile(at.file, content);
  const opening = openState({ dir: at.dir, keys: memoryKeyStore(new Uint8Array(32)), newId });
  await expect(opening).rejects.toMatchObject({ code: "not_a_database" });
  await expect(opening).rejects.toThrow(at.file);
  expect(await readFile(at.file, "utf8")).toBe(content);
});

test("a truncated database is refused, at any length", async () => {
  await using fixture = await temporaryState();
  const { id } = await fixture.state.sessions.upsert(chat, {}, 1);
  for (let n = 0; n < 50; n++) await fixture.state.sessions.append(id, [ownerSays("x".repeat(2000))]);
  await fixture.close();
  const file = join(fixture.dir, "state.db");
  const { size } = await stat(file);
  for (const length of [size - 4096, size - 100, Math.floor(size / 2), 8192, 4096, 100, 1, 0]) {
    await truncate(file, length);
    const opening = fixture.reopen();
    await expect(opening).rejects.toMatchObject({
      code: expect.stringMatching(/^(corrupt|not_a_database)$/),
    });
    await expect(opening).rejects.toThrow(file);
  }
});

test("a missing database whose log is still there is not silently replaced", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  await rm(join(fixture.dir, "state.db"));
  await writeFile(join(fixture.dir, "state.db-wal"), "x");
  await expect(fixture.reopen()).rejects.toMatchObject({ code: "corrupt" });
});

test("a database of a newer version is refused untouched", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec(`PRAGMA user_version = ${schemaVersion + 1}; PRAGMA wal_checkpoint(TRUNCATE)`);
  raw.close();
  const before = await readFile(join(fixture.dir, "state.db"));
  await expect(fixture.reopen()).rejects.toMatchObject({ code: "newer_schema" });
  expect((await readFile(join(fixture.dir, "state.db"))).equals(before)).toBe(true);
});

test("a symlink in place of the directory or of the database is refused", async () => {
  await using at = await directory();
  const keys = memoryKeyStore();
  const real = join(at.dir, "real");
  await (await openState({ dir: real, keys, newId }))[Symbol.asyncDispose]();
  await symlink(real, join(at.dir, "linked"));
  await expect(openState({ dir: join(at.dir, "linked"), keys, newId })).rejects.toMatchObject({
    code: "unsafe_path",
  });
  const other = join(at.dir, "other");
  await mkdir(other);
  await symlink(join(real, "state.db"), join(other, "state.db"));
  await expect(openState({ dir: other, keys, newId })).rejects.toMatchObject({ code: "unsafe_path" });
});

test("a file in place of the directory is refused", async () => {
  await using at = await directory();
  await writeFile(at.file, "x");
  await expect(openState({ dir: at.file, keys: memoryKeyStore(), newId })).rejects.toMatchObject({
    code: "unsafe_path",
  });
});

test.skipIf(process.geteuid?.() !== 0)("a directory or a database of another user is refused", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  await chown(join(fixture.dir, "state.db"), 12_345, 12_345);
  await expect(fixture.reopen()).rejects.toMatchObject({ code: "foreign_owner" });
  await chown(fixture.dir, 12_345, 12_345);
  await expect(fixture.reopen()).rejects.toMatchObject({ code: "foreign_owner" });
  await chown(fixture.dir, 0, 0);
});

test("a database somebody else is writing to is refused after the time given", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("BEGIN IMMEDIATE");
  const state = await openState({ dir: fixture.dir, keys: fixture.keys, newId, busyTimeoutMs: 20 });
  const started = performance.now();
  await expect(state.sessions.upsert(chat, {}, 1)).rejects.toMatchObject({ code: "busy" });
  expect(performance.now() - started).toBeLessThan(1500);
  raw.exec("ROLLBACK");
  expect(await state.sessions.upsert(chat, {}, 1)).toMatchObject({ key: "cli-chat" });
  raw.close();
  await state[Symbol.asyncDispose]();
});

test("a founding that broke off leaves nothing in the way of the next", async () => {
  await using at = await directory();
  const keys = memoryKeyStore();
  await writeFile(join(at.dir, "state.db.new"), "half a database");
  await writeFile(join(at.dir, "state.db.new-journal"), "half a journal");
  const state = await openState({ dir: at.dir, keys, newId });
  expect(await state.verify()).toEqual([]);
  await state[Symbol.asyncDispose]();
});

test("a closed state says so", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  await expect(fixture.state.sessions.count()).rejects.toMatchObject({ code: "closed" });
  await fixture.close();
});

test("verifying stops when it is told to", async () => {
  await using fixture = await temporaryState();
  await expect(fixture.state.verify(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
});
