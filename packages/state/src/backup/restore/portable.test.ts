import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SessionKey, textOf } from "@carapace/protocol";
import { stateKeys } from "../../keys/places.ts";
import { ownerSays } from "../../testing/messages.ts";
import type { State } from "../../types.ts";
import { createBackup } from "../create.ts";
import { memoryStore, type TestDirectory, testDirectory } from "../testing/directory.ts";
import {
  packedArchive,
  plainSessions,
  referenceMarker,
  referenceStores,
  sealedSessions,
} from "../testing/reference.ts";
import { archiveAt, outcomeOf, restoreInto } from "../testing/restoring.ts";

const heron = {
  id: "11111111-2222-4333-8444-555555555555",
  key: "main",
  texts: ["a grey heron", "it is tall"],
};
const stork = { id: "66666666-2222-4333-8444-555555555555", key: "other", texts: ["a stork"] };

async function textsOf(state: State, key: string): Promise<string[] | undefined> {
  const session = await state.sessions.find(key);
  if (session === undefined) return undefined;
  const history = await state.sessions.history(session.id, { intactOnly: true });
  return history.map(({ blocks }) => textOf(blocks));
}

test("an archive of the reference restores: sessions, notes, jobs, tasks, usage, configuration", async () => {
  using to = testDirectory();
  const archive = packedArchive([referenceMarker, ...plainSessions([heron, stork]), ...referenceStores]);
  const done = await restoreInto(to, archiveAt(to, archive));
  expect(done).toMatchObject({ sessions: 2, messages: 3 });
  expect(done.sections).toEqual(["sessions", "config", "memory", "cron", "tasks", "usage"]);
  expect(done.kept).toBeUndefined();
  await using state = await to.open();
  expect(await state.verify()).toEqual([]);
  expect((await state.audit.tail({ limit: 50 })).records.map(({ event }) => event)).toContain(
    "backup_restored",
  );
  expect(await textsOf(state, "main")).toEqual(heron.texts);
  expect(await state.memory.read("default", "colour")).toMatchObject({ value: "green" });
  expect((await state.cron.list()).map(({ id }) => id)).toEqual(["job-1"]);
  expect((await state.tasks.list("tasks")).map(({ id }) => id)).toEqual(["task-1"]);
  expect(JSON.parse(readFileSync(to.configPath, "utf8"))).toEqual({ gateway: { port: 18999 } });
  expect(to.mode("carapace.json")).toBe("600");
});

test("sealed sessions of the reference open with the password, and without it are told, not lost in silence", async () => {
  const password = "contract-test-password";
  const archive = packedArchive([referenceMarker, ...(await sealedSessions([heron], password))]);
  using to = testDirectory(undefined, password);
  const done = await restoreInto(to, archiveAt(to, archive), { password });
  expect(done).toMatchObject({ sessions: 1, problems: [] });
  {
    await using state = await to.open();
    expect(await textsOf(state, "main")).toEqual(heron.texts);
  }
  using other = testDirectory();
  const locked = await restoreInto(other, archiveAt(other, archive));
  expect(locked.sessions).toBe(0);
  expect(locked.problems.join("\n")).toContain(heron.id);
});

test("sessions of the archive replace those of the same id, all others stay; what was there is kept", async () => {
  using to = testDirectory();
  await restoreInto(to, archiveAt(to, packedArchive([referenceMarker, ...plainSessions([heron, stork])])));
  {
    await using state = await to.open();
    const { id } = await state.sessions.upsert(SessionKey.parse("mine"), {}, 1);
    await state.sessions.append(id, [ownerSays("stays", "m1")]);
    await state.sessions.append(heron.id, [ownerSays("said since", "m2")]);
  }
  writeFileSync(to.configPath, '{ "gateway": { "port": 1 } }', { mode: 0o600 });
  const again = packedArchive([referenceMarker, ...plainSessions([heron]), ...referenceStores]);
  const done = await restoreInto(to, archiveAt(to, again));
  {
    await using state = await to.open();
    expect(await textsOf(state, "main")).toEqual(heron.texts);
    expect(await textsOf(state, "other")).toEqual(stork.texts);
    expect(await textsOf(state, "mine")).toEqual(["stays"]);
  }
  expect(readdirSync(done.kept ?? "").sort()).toEqual(["carapace.json", "state.db"]);
  expect(readFileSync(join(done.kept ?? "", "carapace.json"), "utf8")).toContain('"port": 1 ');
  // What is kept opens with the same key: put in place, it is the state of before.
  renameSync(join(done.kept ?? "", "state.db"), join(to.dir, "state.db"));
  await using before = await to.open();
  expect(await textsOf(before, "main")).toEqual([...heron.texts, "said since"]);
});

test("nothing is kept if nothing is to be kept", async () => {
  using to = testDirectory();
  const archive = archiveAt(to, packedArchive([referenceMarker, ...plainSessions([heron])]));
  await restoreInto(to, archive);
  expect((await restoreInto(to, archive, { keep: false })).kept).toBeUndefined();
  expect(readdirSync(join(to.dir, "before-restore"))).toEqual([]);
});

test("what two restores of one second replace is kept twice", async () => {
  using to = testDirectory();
  const archive = archiveAt(to, packedArchive([referenceMarker, ...plainSessions([heron])]));
  await restoreInto(to, archive);
  const kept = [await restoreInto(to, archive), await restoreInto(to, archive)].map((done) => done.kept);
  expect(new Set(kept).size).toBe(2);
  for (const path of kept) expect(readdirSync(path ?? "")).toContain("state.db");
});

test("an archive with the configuration alone leaves the database untouched", async () => {
  using to = testDirectory();
  await (await to.open())[Symbol.asyncDispose]();
  const before = readFileSync(join(to.dir, "state.db"));
  const archive = packedArchive([referenceMarker, ...referenceStores.slice(0, 1)]);
  await restoreInto(to, archiveAt(to, archive));
  expect(readFileSync(join(to.dir, "state.db")).equals(before)).toBe(true);
  expect(readFileSync(to.configPath, "utf8")).toContain("18999");
});

test("a database that does not open is kept as it is, and what the archive has is there again", async () => {
  using to = testDirectory();
  await (await to.open())[Symbol.asyncDispose]();
  writeFileSync(join(to.dir, "state.db"), Buffer.alloc(8192, 1));
  const done = await restoreInto(
    to,
    archiveAt(to, packedArchive([referenceMarker, ...plainSessions([heron])])),
  );
  expect(done.problems.join("\n")).toContain("did not open");
  expect(readdirSync(done.kept ?? "")).toContain("state.key");
  await using state = await to.open();
  expect(await textsOf(state, "main")).toEqual(heron.texts);
});

async function backup(at: TestDirectory, passphrase?: string): Promise<string> {
  const output = join(at.root, `out-${passphrase ?? "plain"}`);
  await createBackup({
    ...at.common,
    kind: "portable",
    config: { main: at.configPath, included: [] },
    output,
    overwrite: false,
    password: undefined,
    ...(passphrase !== undefined && { secret: passphrase }),
  });
  return output;
}

test("what is backed up while the state is open and written to restores elsewhere, plain and encrypted", async () => {
  using from = testDirectory();
  writeFileSync(from.configPath, "{}", { mode: 0o600 });
  const outputs: string[] = [];
  {
    await using state = await from.open();
    const { id } = await state.sessions.upsert(SessionKey.parse("main"), { name: "Main" }, 1);
    await state.sessions.append(id, [ownerSays("before", "m1")]);
    await state.memory.write("main", { key: "k", value: "v", origin: { kind: "owner" }, updatedAtMs: 1 });
    const running = backup(from);
    await state.sessions.append(id, [ownerSays("meanwhile", "m2")]);
    outputs.push(await running, await backup(from, "a long passphrase"));
    expect(await state.verify()).toEqual([]);
  }
  for (const output of outputs) {
    using to = testDirectory();
    await restoreInto(to, output, { passphrase: "a long passphrase" });
    await using state = await to.open();
    expect((await textsOf(state, "main"))?.[0]).toBe("before");
    expect(await state.memory.read("main", "k")).toMatchObject({ value: "v" });
    expect(existsSync(to.configPath)).toBe(true);
  }
});

test("there is nothing to back up where there is nothing", async () => {
  using from = testDirectory();
  await expect(backup(from)).rejects.toMatchObject({ code: "not_found" });
  expect(readdirSync(from.root)).toEqual(["state"]);
});

test("an existing file is not overwritten, and a link never", async () => {
  using from = testDirectory();
  writeFileSync(from.configPath, "{}", { mode: 0o600 });
  const output = await backup(from);
  await expect(backup(from)).rejects.toMatchObject({ code: "already_exists" });
  expect(readdirSync(from.root).sort()).toEqual(["out-plain", "state"]);
  expect(output).toEndWith("out-plain");
});

test("a locked key refuses, says how to restore without it, and that way works", async () => {
  const archive = packedArchive([referenceMarker, ...plainSessions([stork])]);
  using to = testDirectory(undefined, "the password");
  await (await to.open())[Symbol.asyncDispose]();
  const keys = stateKeys({ dir: to.dir, store: async () => memoryStore(), password: "another one" });
  const other = { ...to, common: { ...to.common, keys } };
  const outcome = await outcomeOf(restoreInto(other, archiveAt(to, archive)));
  expect(outcome).toMatchObject({ error: { code: "key_locked" } });
  expect(String("error" in outcome && outcome.error)).toContain(
    `move state.db and state.key out of ${to.dir} and restore again`,
  );
  for (const name of readdirSync(to.dir).filter((file) => /^state\./.test(file)))
    renameSync(join(to.dir, name), join(to.root, name));
  expect(await restoreInto(other, archiveAt(to, archive))).toMatchObject({ sessions: 1 });
});
