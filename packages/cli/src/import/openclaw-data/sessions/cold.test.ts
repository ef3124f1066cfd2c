import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { textOf } from "@carapace/protocol";
import { emptyHome, type FixtureHome, makeDatabase } from "../testing/fixture.ts";
import { importTarget } from "../testing/target.ts";

const entry = (id: string, text: string) =>
  JSON.stringify({ type: "message", id, message: { role: "user", content: text } });
const records = [
  { kind: "header", version: 1, sessionId: "a", generation: "g" },
  { kind: "event", row: { seq: 1, event_json: entry("m1", "one"), created_at: 1 } },
  { kind: "event", row: { seq: 2, event_json: entry("m2", "two"), created_at: 2 } },
  { kind: "identity", row: { event_id: "m1", seq: 1 } },
  { kind: "hologram" },
];
const packed = zstdCompressSync(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const nameOf = (bytes: Uint8Array) =>
  `${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}.jsonl.zst`;
const name = nameOf(packed);
const endless = zstdCompressSync(Buffer.alloc(65 * 1024 * 1024));
const none = Buffer.from("no archive");

/** A database whose one conversation was put away. */
function coldHome(archiveName: string): FixtureHome & { readonly cold: string } {
  const source = emptyHome();
  const cold = join(source.dir, "agents/main/sessions/cold");
  mkdirSync(cold, { recursive: true });
  mkdirSync(join(source.dir, "agents/main/agent"));
  const named = (...columns: string[]) => columns.map((column): [string, string] => [column, ""]);
  makeDatabase(join(source.dir, "agents/main/agent/openclaw-agent.sqlite"), {
    session_windows: {
      columns: named("session_id", "session_key", "created_at", "updated_at", "display_name"),
      rows: [["a", "agent:main:main", 1, 2, null]],
    },
    transcript_events: { columns: named("session_id", "seq", "event_json"), rows: [] },
    session_transcript_cold_archives: {
      columns: named("session_id", "archive_name", "archive_blob"),
      rows: [["a", archiveName, null]],
    },
  });
  return { ...source, cold };
}

test("a conversation that was put away comes in like any other", async () => {
  using source = coldHome(name);
  using target = importTarget();
  writeFileSync(join(source.cold, name), packed);
  const report = await target.take(source);
  expect(report.problems).toEqual([]);
  await using state = await target.open();
  const [session] = await state.sessions.list({});
  const messages = await state.sessions.history(session?.id ?? "", {});
  expect(messages.map(({ blocks }) => textOf(blocks))).toEqual(["one", "two"]);
});

test.each<[string, string, (cold: string) => void]>([
  ["is not there", name, () => {}],
  ["lies elsewhere", "../../../../secret.jsonl.zst", () => {}],
  ["is a link", name, (cold) => symlinkSync("/etc/passwd", join(cold, name))],
  ["is none", nameOf(none), (cold) => writeFileSync(join(cold, nameOf(none)), none)],
  ["is cut short", name, (cold) => writeFileSync(join(cold, name), packed.subarray(0, packed.length - 8))],
  ["unpacks without end", nameOf(endless), (cold) => writeFileSync(join(cold, nameOf(endless)), endless)],
])("an archive that %s is told, and costs no other conversation", async (_name, archiveName, put) => {
  using source = coldHome(archiveName);
  using target = importTarget();
  put(source.cold);
  writeFileSync(join(source.cold, "..", "b.jsonl"), `${entry("x", "still here")}\n`);
  const report = await target.take(source);
  expect(report.stores.sessions).toMatchObject({ imported: 1, corrupt: 1 });
  expect(report.problems).toMatchObject([
    { state: "corrupt", path: "agents/main/agent/openclaw-agent.sqlite#a" },
  ]);
});

test("what came from files does not come again from the database that a newer version moved it to", async () => {
  using target = importTarget();
  using before = emptyHome();
  mkdirSync(join(before.dir, "agents/main/sessions"), { recursive: true });
  writeFileSync(
    join(before.dir, "agents/main/sessions/a.jsonl"),
    `${entry("m1", "one")}\n${entry("m2", "two")}\n`,
  );
  await target.take(before);
  using after = coldHome(name);
  writeFileSync(join(after.cold, name), packed);
  const report = await target.take(after);
  expect(report.stores.sessions).toMatchObject({ imported: 0, skipped: 1 });
  expect(report.problems[0]?.say).toContain("is here already");
});
