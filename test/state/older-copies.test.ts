import { expect, test } from "bun:test";
import { RunId } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { ownerSays, rawDatabase, type TemporaryState } from "@carapace/state/testing";
import {
  type Cells,
  expectSetAside,
  expectUntouched,
  furnished,
  type Raw,
  tampered,
  victim,
} from "./support/tampering.ts";

/** Which rows belong to a session, in every table that has some. */
const belongings: readonly (readonly [table: string, where: string])[] = [
  ["sessions", "key = 'victim'"],
  ["messages", "session_id = ?"],
  ["compactions", "session_id = ?"],
  ["archives", "session_id = ?"],
  ["runs", "session_id = ?"],
  ["usage", "session_key = 'victim'"],
];

type Copy = readonly (readonly [table: string, rows: readonly Cells[]])[];

function copySession(raw: Raw, id: string): Copy {
  return belongings.map(([table, where]) => {
    const columns = raw.prepare(`SELECT name FROM pragma_table_info('${table}')`).all([]) as {
      name: string;
    }[];
    const names = columns.map(({ name }) => name).join(", ");
    const rows = raw
      .prepare(`SELECT ${names} FROM ${table} WHERE ${where}`)
      .all(where.includes("?") ? [id] : []);
    return [table, rows as Cells[]] as const;
  });
}

function putBack(raw: Raw, id: string, copy: Copy): void {
  for (const [table, where] of belongings) {
    raw.prepare(`DELETE FROM ${table} WHERE ${where}`).run(where.includes("?") ? [id] : []);
  }
  for (const [table, rows] of copy) {
    for (const { _metadata, ...row } of rows) {
      const names = Object.keys(row);
      const values = Object.values(row).map((value) =>
        value instanceof ArrayBuffer ? new Uint8Array(value) : value,
      );
      raw
        .prepare(`INSERT INTO ${table}(${names.join(", ")}) VALUES(${names.map(() => "?").join(", ")})`)
        .run(values);
    }
  }
}

async function copied(fixture: TemporaryState, id: string): Promise<Copy> {
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  const copy = copySession(raw, id);
  raw.close();
  await fixture.reopen();
  return copy;
}

const laterChanges: readonly (readonly [
  what: string,
  change: (state: State, id: string) => Promise<unknown>,
])[] = [
  ["a message was added", (state, id) => state.sessions.append(id, [ownerSays("later")])],
  ["a run was completed", (state) => state.runs.finish(RunId.parse("run-a"), { status: "cancelled" }, 5)],
  [
    "a tool was started",
    async (state) => {
      await state.runs.begin(RunId.parse("run-a"), 6);
      await state.runs.toolStarted(RunId.parse("run-a"), "call");
    },
  ],
  ["it was emptied", (state, id) => state.sessions.reset(id, 2000)],
  ["it was renamed", (state) => state.sessions.upsert(victim, { name: "New" }, 2000)],
  ["its archive was dropped", (state, id) => state.sessions.deleteArchive(id)],
  [
    "it was compacted further",
    (state, id) =>
      state.sessions.compact(id, { throughSeq: 4, summary: [], messagesCompacted: 4, createdAtMs: 6 }),
  ],
];

test.each(laterChanges)(
  "a whole older copy of a session, put back after %s, is detected, named and contained",
  async (_what, change) => {
    await using fixture = await furnished();
    const copy = await copied(fixture, fixture.victimId);
    await change(fixture.state, fixture.victimId);
    await fixture.state.sessions.append(fixture.bystanderId, []);
    const { state, damage } = await tampered(fixture, (raw) => putBack(raw, fixture.victimId, copy));
    expect(damage).toMatchObject([{ scope: "session", name: "victim" }]);
    await expectSetAside(state, fixture.victimId);
    await expectUntouched(state, fixture.bystanderId);
  },
);

test("a deleted session that was put back is detected and named", async () => {
  await using fixture = await furnished();
  const copy = await copied(fixture, fixture.victimId);
  await fixture.state.sessions.delete(fixture.victimId);
  const { state, damage } = await tampered(fixture, (raw) => putBack(raw, fixture.victimId, copy));
  expect(damage).toContainEqual(expect.objectContaining({ scope: "session", name: "victim" }));
  await expect(state.sessions.append(fixture.victimId, [ownerSays("x")])).rejects.toMatchObject({
    code: "session_damaged",
  });
  await expectUntouched(state, fixture.bystanderId);
});

test("an older copy of a session with the register of that time is detected when anything else has changed", async () => {
  await using fixture = await furnished();
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  const copy = copySession(raw, fixture.victimId);
  const seals = raw.prepare("SELECT name, n, body, mac FROM seals").all([]) as Cells[];
  raw.close();
  const later = await fixture.reopen();
  await later.sessions.append(fixture.victimId, [ownerSays("later")]);
  await later.memory.write("main", { key: "new", value: "x", origin: { kind: "owner" }, updatedAtMs: 6 });
  const { state, damage } = await tampered(fixture, (raw) => {
    putBack(raw, fixture.victimId, copy);
    const root = seals.filter(({ name }) => name === "root" || String(name).startsWith("sessions/"));
    for (const { name, n, body, mac } of root) {
      raw
        .prepare("UPDATE seals SET n = ?, body = ?, mac = ? WHERE name = ?")
        .run([n, body, new Uint8Array(mac as ArrayBuffer), name]);
    }
  });
  expect(damage[0]).toMatchObject({ scope: "database" });
  await expect(state.sessions.append(fixture.victimId, [ownerSays("x")])).rejects.toMatchObject({
    code: "session_damaged",
  });
});
