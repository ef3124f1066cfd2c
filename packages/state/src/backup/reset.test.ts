import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Crash, faultySteps } from "@carapace/files/testing";
import { SessionKey } from "@carapace/protocol";
import { finishPendingChange } from "../pending.ts";
import { ownerSays } from "../testing/messages.ts";
import { rawDatabase } from "../testing/raw.ts";
import { countResettable, type ResetCategory, resetCategories, resetState } from "./reset.ts";
import { type TestDirectory, testDirectory } from "./testing/directory.ts";
import { packedArchive, plainSessions, referenceMarker, referenceStores } from "./testing/reference.ts";
import { archiveAt, restoreInto } from "./testing/restoring.ts";

const heron = {
  id: "11111111-2222-4333-8444-555555555555",
  key: "main",
  texts: ["unmistakableheron", "tall"],
};

async function filled(): Promise<TestDirectory> {
  const at = testDirectory();
  await restoreInto(
    at,
    archiveAt(at, packedArchive([referenceMarker, ...plainSessions([heron]), ...referenceStores])),
    {
      keep: false,
    },
  );
  await using state = await at.open();
  const { id } = await state.sessions.upsert(SessionKey.parse("second"), {}, 1);
  await state.sessions.append(id, [ownerSays("archived words", "m1")]);
  await state.sessions.archive(id, true, 2);
  const parts = [{ type: "text" as const, text: "unmistakableheron flies out" }];
  const message = { channel: "webhook", to: "me", parts, source: { kind: "run" } };
  await state.outbox.add(message, { id: "out", nowMs: 3 });
  const ran = { id: "ran", jobId: "j", trigger: "manual", plannedAtMs: 4, startedAtMs: 4 } as const;
  await state.cronRuns.end({ ...ran, status: "ok", summary: "unmistakableheron was seen" });
  return at;
}

const ask = (at: TestDirectory, categories: readonly ResetCategory[]) => ({
  ...at.common,
  configPath: at.configPath,
  categories,
  memoryDir: join(at.root, "elsewhere", "memory"),
});

test("all categories are counted, emptied, and their words are in no page of the database any more", async () => {
  using at = await filled();
  const counts = { sessions: 2, cron: 1, memory: 1, tasks: 1 };
  expect((await countResettable(ask(at, resetCategories))).removed).toMatchObject(counts);
  expect((await resetState(ask(at, resetCategories))).removed).toMatchObject(counts);
  await using state = await at.open();
  expect(await state.verify()).toEqual([]);
  expect(await state.sessions.count()).toBe(0);
  expect((await state.audit.tail({ limit: 50 })).records.map(({ event }) => event)).toContain("state_reset");
  expect((await state.sessions.archives(10, 0)).total).toBe(0);
  expect(await state.outbox.list({})).toEqual([]);
  expect(await state.sessions.search("unmistakableheron", { limit: 5 })).toEqual([]);
  expect(await state.cron.list()).toEqual([]);
  expect(await state.memory.list("default")).toEqual([]);
  expect(await state.tasks.list("tasks")).toEqual([]);
  expect((await countResettable(ask(at, resetCategories))).removed).toEqual({
    sessions: 0,
    cron: 0,
    usage: 0,
    memory: 0,
    tasks: 0,
  });
  expect(existsSync(at.configPath)).toBe(true);
});

test("one category leaves the others", async () => {
  using at = await filled();
  await resetState(ask(at, ["cron"]));
  await using state = await at.open();
  expect(await state.cron.list()).toEqual([]);
  expect(await state.cronRuns.list({ limit: 10 })).toEqual([]);
  expect(await state.sessions.count()).toBe(2);
  expect(await state.outbox.pending()).toBe(1);
  expect(await state.memory.read("default", "colour")).toBeDefined();
});

test("the pages that held what was removed are gone with it", async () => {
  using at = await filled();
  await resetState(ask(at, ["sessions"]));
  const db = await rawDatabase(at.dir, at.keys);
  try {
    expect(db.prepare("PRAGMA freelist_count").get([])).toMatchObject({ freelist_count: 0 });
  } finally {
    db.close();
  }
});

test("the reference's files go too, wherever its notes lie; a link in their place is refused", async () => {
  using at = await filled();
  for (const name of ["sessions", "cron", "tasks"]) {
    mkdirSync(join(at.dir, name));
    writeFileSync(join(at.dir, name, "x.json"), "{}");
  }
  writeFileSync(join(at.dir, "usage.json"), "{}");
  const { memoryDir } = ask(at, []);
  mkdirSync(memoryDir, { recursive: true });
  const done = await resetState(ask(at, resetCategories));
  expect([...done.files].sort()).toEqual([memoryDir, "cron", "sessions", "tasks", "usage.json"].sort());
  for (const name of ["sessions", "cron", "tasks", "usage.json"])
    expect(existsSync(join(at.dir, name))).toBe(false);
  expect(existsSync(memoryDir)).toBe(false);
  mkdirSync(join(at.root, "victim"));
  symlinkSync(join(at.root, "victim"), join(at.dir, "cron"));
  await expect(resetState(ask(at, ["cron"]))).rejects.toMatchObject({ code: "unsafe_path" });
  expect(existsSync(join(at.root, "victim"))).toBe(true);
});

test("whichever step is the last one, the sessions are all there or all gone", async () => {
  using at = await filled();
  const database = readFileSync(join(at.dir, "state.db"));
  let outcomes = "";
  for (let step = 0; step < 40; step++) {
    writeFileSync(join(at.dir, "state.db"), database);
    const steps = faultySteps(step, () => {
      throw new Crash();
    });
    const died = await resetState({ ...ask(at, ["sessions"]), steps }).then(
      () => false,
      (error) => error instanceof Crash,
    );
    finishPendingChange(at.dir, [at.configPath]);
    await using state = await at.open();
    const count = await state.sessions.count();
    expect([0, 2]).toContain(count);
    outcomes += count;
    if (!died) break;
  }
  expect(outcomes).toMatch(/^2+0+$/);
});
