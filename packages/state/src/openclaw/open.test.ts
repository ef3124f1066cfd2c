import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { openOpenClawDatabase } from "./open.ts";

const { signal } = new AbortController();
const usualTmp = process.env["TMPDIR"];
let folder = "";
let file = "";
// Copies of other tests, which run at the same time, are not counted.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carapace-foreign-"));
  file = join(folder, "agent.sqlite");
  process.env["TMPDIR"] = mkdtempSync(join(folder, "tmp-"));
});
afterEach(() => {
  if (usualTmp === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = usualTmp;
  rmSync(folder, { recursive: true, force: true });
});

const windows = `CREATE TABLE session_windows (session_id TEXT PRIMARY KEY, session_key TEXT, created_at INTEGER,
  updated_at INTEGER, display_name TEXT)`;
const events = `CREATE TABLE transcript_events (session_id TEXT, seq INTEGER, event_json TEXT, event_zstd BLOB,
  PRIMARY KEY (session_id, seq))`;

function made(...statements: string[]): Database {
  const db = new Database(file, { create: true });
  for (const statement of statements) db.run(statement);
  return db;
}

async function agentOf(path = file) {
  const opened = await openOpenClawDatabase(path, signal);
  if (!opened.ok) throw new Error(opened.say);
  if (opened.value === undefined) throw new Error("there is none");
  return opened.value;
}
const copies = () => readdirSync(tmpdir());

test("conversations and entries are read, plain and packed, also what is only in the log yet", async () => {
  using db = made("PRAGMA journal_mode = WAL", windows, events);
  db.run("INSERT INTO session_windows VALUES ('a', 'agent:main:main', 1, 2, 'Nice')");
  const insert = db.query("INSERT INTO transcript_events VALUES (?, ?, ?, ?)");
  insert.run("a", 0, '{"type":"session"}', null);
  insert.run("a", 5, null, zstdCompressSync('{"packed":true}'));
  insert.run("b", 1, "{}", null);
  const before = readdirSync(folder);
  using database = await agentOf();
  expect(database.agent?.sessions()).toEqual([
    { id: "a", key: "agent:main:main", createdAtMs: 1, updatedAtMs: 2, name: "Nice", coldName: undefined },
  ]);
  expect([...(database.agent?.entries("a") ?? [])]).toEqual([
    { seq: 0, text: '{"type":"session"}' },
    { seq: 5, text: '{"packed":true}' },
  ]);
  expect(readdirSync(folder)).toEqual(before);
  expect(database.jobs()).toBeUndefined();
});

test("no copy of it stays in the file system, not even while it is read", async () => {
  using _db = made(windows, events);
  using _database = await agentOf();
  expect(copies()).toEqual([]);
});

test("many entries come in order, over many pages", async () => {
  using db = made(windows, events);
  const insert = db.query("INSERT INTO transcript_events VALUES ('a', ?, ?, NULL)");
  db.transaction(() => {
    for (let seq = 1000; seq > 0; seq -= 1) insert.run(seq * 3, "{}");
  })();
  using database = await agentOf();
  const seqs = [...(database.agent?.entries("a") ?? [])].map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: 1000 }, (_, at) => (at + 1) * 3));
});

test("the entries of the conversation as it stands are told, unless they are to be counted anew", async () => {
  using db = made(windows, events);
  using first = await agentOf();
  expect(first.agent?.active("a")).toBeUndefined();
  db.run("CREATE TABLE session_transcript_active_events (session_id TEXT, event_seq INTEGER)");
  db.run("CREATE TABLE session_transcript_index_state (session_id TEXT, needs_rebuild INTEGER)");
  db.run("INSERT INTO session_transcript_active_events VALUES ('a', 1), ('a', 4)");
  db.run("INSERT INTO session_transcript_index_state VALUES ('a', 0)");
  using second = await agentOf();
  expect(second.agent?.active("a")).toEqual(new Set([1, 4]));
  db.run("UPDATE session_transcript_index_state SET needs_rebuild = 1");
  using third = await agentOf();
  expect(third.agent?.active("a")).toBeUndefined();
});

test("a view, a virtual table or other columns are no layout that is known", async () => {
  const asView = "CREATE VIEW transcript_events AS SELECT 'a' AS session_id, 1 AS seq, '{}' AS event_json";
  using db = made(windows, asView);
  using viewed = await agentOf();
  expect(viewed.agent).toBeUndefined();
  db.run("DROP VIEW transcript_events");
  db.run("CREATE VIRTUAL TABLE transcript_events USING fts5(session_id, seq, event_json)");
  using virtual = await agentOf();
  expect(virtual.agent).toBeUndefined();
  db.run("DROP TABLE transcript_events");
  db.run("CREATE TABLE transcript_events (session_id TEXT, n INTEGER)");
  using other = await agentOf();
  expect(other.agent).toBeUndefined();
});

test("values of other kinds than the layout says are left out, or told", async () => {
  using db = made(
    windows.replace("created_at INTEGER", "created_at"),
    events.replaceAll(/ (TEXT|BLOB|INTEGER)/g, ""),
  );
  db.run("INSERT INTO session_windows VALUES ('a', x'00ff', 'soon', 1e300, x'41')");
  db.run("INSERT INTO session_windows VALUES (NULL, 'k', 1, 1, NULL)");
  db.run(
    "INSERT INTO transcript_events VALUES ('a', 1, 17, NULL), ('a', 2, NULL, x'001122'), ('a', 3, NULL, 'text')",
  );
  db.run("INSERT INTO transcript_events VALUES ('a', 'four', '{}', NULL)");
  using database = await agentOf();
  expect(database.agent?.sessions()).toMatchObject([
    { id: "a", key: "", createdAtMs: undefined, name: undefined },
  ]);
  expect([...(database.agent?.entries("a") ?? [])]).toEqual([
    { seq: 1, why: "is empty" },
    { seq: 2, why: "cannot be unpacked" },
    { seq: 3, why: "is empty" },
  ]);
});

test("an entry that is too long is passed over, and one that unpacks without end is not unpacked", async () => {
  using db = made(windows, events);
  db.run("INSERT INTO transcript_events VALUES ('a', 1, printf('%.*c', 34000000, 'x'), NULL)");
  const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
  db.query("INSERT INTO transcript_events VALUES ('a', 2, NULL, ?)").run(bomb);
  using database = await agentOf();
  expect([...(database.agent?.entries("a") ?? [])]).toEqual([
    { seq: 1, why: "is too long" },
    { seq: 2, why: "cannot be unpacked" },
  ]);
});

test("a conversation that was put away is told with its archive, which may lie in the database", async () => {
  using db = made(windows, events);
  db.run(
    "CREATE TABLE session_transcript_cold_archives (session_id TEXT, archive_name TEXT, archive_blob BLOB)",
  );
  db.run("INSERT INTO session_windows VALUES ('a', 'k', 1, 2, NULL), ('b', 'l', 1, 2, NULL)");
  db.run("INSERT INTO session_transcript_cold_archives VALUES ('a', 'one', x'0102'), ('b', 'two', NULL)");
  using database = await agentOf();
  const { agent } = database;
  expect(agent?.sessions().map(({ id, coldName }) => [id, coldName])).toEqual([
    ["a", "one"],
    ["b", "two"],
  ]);
  expect(agent?.coldBytes("a")).toEqual(new Uint8Array([1, 2]));
  expect([agent?.coldBytes("b"), agent?.coldBytes("c")]).toEqual([undefined, undefined]);
});

test("schedules are read by id, those of a reasonable size", async () => {
  using db = made("CREATE TABLE cron_jobs (job_id TEXT, job_json TEXT, enabled INTEGER)");
  db.run(
    "INSERT INTO cron_jobs VALUES ('b', '{}', 1), ('a', '{\"x\":1}', 0), ('c', printf('%.*c', 2000000, 'x'), 1)",
  );
  using database = await agentOf();
  expect(database.jobs()).toEqual([
    { id: "a", json: '{"x":1}', isEnabled: false },
    { id: "b", json: "{}", isEnabled: true },
  ]);
});

test("what is no database, a link or a pipe is refused with why, and a missing one is none", async () => {
  const refusal = async (path: string) => {
    const opened = await openOpenClawDatabase(path, signal);
    return opened.ok ? opened.value : opened.say;
  };
  expect(await refusal(file)).toBeUndefined();
  writeFileSync(file, "no database, but text that is long enough for a header of one ".repeat(100));
  expect(await refusal(file)).toBe("is no database, or a damaged one");
  symlinkSync(file, join(folder, "link"));
  expect(await refusal(join(folder, "link"))).toContain("link");
  expect(Bun.spawnSync(["mkfifo", join(folder, "pipe")]).exitCode).toBe(0);
  expect(await refusal(join(folder, "pipe"))).toBe("is not a regular file");
  symlinkSync("/etc/passwd", `${join(folder, "other")}-wal`);
  writeFileSync(join(folder, "other"), "");
  expect(await refusal(join(folder, "other"))).toContain("write-ahead log");
  expect(copies()).toEqual([]);
});

test("a database that was cut short, or torn inside, ends in a refusal, never in a crash", async () => {
  const db = made(windows, events);
  const insert = db.query("INSERT INTO transcript_events VALUES ('a', ?, ?, NULL)");
  db.transaction(() => {
    for (let seq = 0; seq < 500; seq += 1) insert.run(seq, `{"text":"${"word ".repeat(50)}"}`);
  })();
  db.close();
  truncateSync(file, 40_000);
  appendFileSync(file, Buffer.alloc(20_000, 0xa5));
  const opened = await openOpenClawDatabase(file, signal);
  if (!opened.ok) return expect(opened.say).toContain("damaged");
  using database = opened.value;
  expect(() => [...(database?.agent?.entries("a") ?? [])]).toThrow("damaged");
});

test("a signal ends the copying", async () => {
  using _db = made(windows, events);
  await expect(openOpenClawDatabase(file, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  expect(copies()).toEqual([]);
});
