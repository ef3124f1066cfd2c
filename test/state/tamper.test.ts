import { expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunId, SessionKey } from "@carapace/protocol";
import { type Damage, type MemoryEntry, type Message, openState, type State } from "@carapace/state";
import {
  modelSays,
  ownerSays,
  rawDatabase,
  runOf,
  type TemporaryState,
  temporaryState,
} from "@carapace/state/testing";
import { seeded, temporaryDirectory } from "./support/spawn.ts";

type Raw = Awaited<ReturnType<typeof rawDatabase>>;
type Cells = Record<string, unknown>;

const victim = SessionKey.parse("victim");
const bystander = SessionKey.parse("bystander");

/** A state with a bit of everything, in two sessions: one to be attacked, one that must not notice. */
async function furnished(): Promise<
  TemporaryState & { readonly victimId: string; readonly bystanderId: string }
> {
  const fixture = await temporaryState();
  const { sessions, memory, devices, settings, runs, usage } = fixture.state;
  const a = await sessions.upsert(victim, { agentId: "main", name: "Victim" }, 1000);
  const b = await sessions.upsert(bystander, { agentId: "main" }, 1000);
  for (let n = 1; n <= 5; n++) {
    await sessions.append(a.id, [ownerSays(`victim text ${n}`, `a${n}`)]);
    await sessions.append(b.id, [ownerSays(`bystander text ${n}`, `b${n}`)]);
  }
  await sessions.compact(a.id, {
    throughSeq: 2,
    summary: modelSays("a summary").blocks,
    messagesCompacted: 2,
    createdAtMs: 5,
  });
  await sessions.archive(a.id, false, 1500);
  await sessions.setStatus(a.id, "active", 1501);
  await runs.accept(runOf("run-a", "victim", "pay 5 to Ada"));
  await runs.accept(runOf("run-b", "bystander", "water the plants"));
  await usage.record({
    provider: "p",
    model: "p:m",
    sessionKey: victim,
    agentId: "main",
    usage: { inputTokens: 1, outputTokens: 1 },
    costUsd: 1,
    atMs: 5,
  });
  await memory.write("main", {
    key: "bank",
    value: "Ada's account is 1",
    origin: { kind: "owner" },
    updatedAtMs: 5,
  });
  await memory.write("main", { key: "colour", value: "green", origin: { kind: "owner" }, updatedAtMs: 5 });
  const device = {
    deviceId: "phone",
    publicKey: "pk",
    roles: ["operator"],
    scopes: ["operator.read"],
    createdAtMs: 1,
    approvedAtMs: 1,
  };
  await devices.save(device);
  await devices.save({ ...device, deviceId: "laptop" });
  const token = {
    deviceId: "phone",
    role: "operator",
    scopes: [],
    issuedAtMs: 1,
    expiresAtMs: 9,
    revoked: false,
  };
  await devices.rotateToken({ ...token, tokenHash: "old" });
  await devices.rotateToken({ ...token, tokenHash: "new" });
  await settings.set("cursor", 1);
  return Object.assign(fixture, { victimId: a.id, bystanderId: b.id });
}

/** Closes the state, lets `change` work on the file with the page key in its hands, and opens the state again. */
async function tampered(
  fixture: TemporaryState,
  change: (raw: Raw) => void,
): Promise<{ state: State; damage: readonly Damage[] }> {
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  change(raw);
  raw.close();
  const state = await fixture.reopen();
  return { state, damage: await state.verify() };
}

async function expectSetAside(state: State, sessionId: string): Promise<void> {
  const refusal = { code: "session_damaged" };
  await expect(state.sessions.append(sessionId, [ownerSays("more")])).rejects.toMatchObject(refusal);
  await expect(state.sessions.history(sessionId, { intactOnly: true })).rejects.toMatchObject(refusal);
  await expect(state.runs.accept(runOf("run-new", "victim", "x"))).rejects.toMatchObject(refusal);
  expect(await state.runs.begin(RunId.parse("run-a"), 9).catch(() => undefined)).toBeUndefined();
  expect(await state.sessions.find(victim)).toMatchObject({ damage: { scope: "session", name: "victim" } });
  expect(Array.isArray(await state.sessions.history(sessionId, {}))).toBe(true);
  expect((await state.runs.unfinished()).map(({ id }) => String(id))).toEqual(["run-b"]);
}

async function expectUntouched(state: State, sessionId: string): Promise<void> {
  expect(await state.sessions.history(sessionId, { intactOnly: true })).toHaveLength(5);
  expect((await state.sessions.find(bystander))?.damage).toBeUndefined();
  expect(await state.runs.begin(RunId.parse("run-b"), 9)).toMatchObject({ status: "running" });
  await state.runs.finish(RunId.parse("run-b"), { status: "completed" }, 10, { message: modelSays("done") });
  expect(await state.sessions.search("bystander", { limit: 10 })).toHaveLength(5);
}

const onMessages: readonly (readonly [what: string, sql: string])[] = [
  ["a changed text", "UPDATE messages SET content = replace(content, 'text 3', 'lies 3') WHERE id = 'a3'"],
  ["a changed label", `UPDATE messages SET content = replace(content, '"owner"', '"model"') WHERE id = 'a3'`],
  ["an erased text", "UPDATE messages SET content = '[]' WHERE id = 'a3'"],
  ["a text that is no JSON", "UPDATE messages SET content = 'x' WHERE id = 'a3'"],
  ["a changed role", "UPDATE messages SET role = 'system' WHERE id = 'a3'"],
  ["a changed id", "UPDATE messages SET id = 'zz' WHERE id = 'a3'"],
  ["a changed time", "UPDATE messages SET created_at = 7 WHERE id = 'a3'"],
  ["an added run", "UPDATE messages SET run_id = 'r' WHERE id = 'a3'"],
  ["added metadata", "UPDATE messages SET metadata = '{}' WHERE id = 'a3'"],
  ["a changed MAC", "UPDATE messages SET mac = randomblob(32) WHERE id = 'a3'"],
  ["a MAC of another length", "UPDATE messages SET mac = x'00' WHERE id = 'a3'"],
  ["a changed text MAC", "UPDATE messages SET content_mac = randomblob(32) WHERE id = 'a3'"],
  ["a removed message", "DELETE FROM messages WHERE id = 'a3'"],
  ["the first message removed", "DELETE FROM messages WHERE id = 'a1'"],
  ["the newest message removed", "DELETE FROM messages WHERE id = 'a5'"],
  [
    "all messages removed",
    "DELETE FROM messages WHERE session_id = (SELECT id FROM sessions WHERE key = 'victim')",
  ],
  [
    "two messages swapped",
    "UPDATE messages SET seq = -seq WHERE id IN ('a2', 'a3'); UPDATE messages SET seq = iif(id = 'a2', 3, 2) WHERE id IN ('a2', 'a3')",
  ],
  [
    "a message slipped in behind the newest",
    "INSERT INTO messages SELECT 999, session_id, 6, generation, 'zz', role, run_id, tokens, created_at, metadata, content, content_mac, mac FROM messages WHERE id = 'a5'",
  ],
  [
    "a message slipped in before the first",
    "INSERT INTO messages SELECT 999, session_id, 0, generation, 'zz', role, run_id, tokens, created_at, metadata, content, content_mac, mac FROM messages WHERE id = 'a1'",
  ],
  [
    "another session's message in place of its own",
    "DELETE FROM messages WHERE id = 'a3'; UPDATE messages SET session_id = (SELECT id FROM sessions WHERE key = 'victim') WHERE id = 'nobody'; INSERT INTO messages SELECT 999, (SELECT id FROM sessions WHERE key = 'victim'), seq, generation, id, role, run_id, tokens, created_at, metadata, content, content_mac, mac FROM messages WHERE id = 'b3'",
  ],
  ["a changed compaction", "UPDATE compactions SET summary = replace(summary, 'summary', 'lie')"],
  ["a compaction moved on", "UPDATE compactions SET through_seq = 4"],
  ["a removed compaction", "DELETE FROM compactions"],
  ["a changed archive", "UPDATE archives SET document = randomblob(50)"],
  ["a removed archive", "DELETE FROM archives"],
  ["a changed run input", "UPDATE runs SET input = replace(input, 'pay 5', 'pay 500') WHERE id = 'run-a'"],
  ["changed run options", "UPDATE runs SET options = '{\"model\":\"evil\"}' WHERE id = 'run-a'"],
  ["a run marked as ended", "UPDATE runs SET ended_at = 5, status = 'completed' WHERE id = 'run-a'"],
  ["a removed run", "DELETE FROM runs WHERE id = 'run-a'"],
  [
    "a run given to another session",
    "UPDATE runs SET session_id = (SELECT id FROM sessions WHERE key = 'bystander') WHERE id = 'run-x'; UPDATE runs SET attempts = 7 WHERE id = 'run-a'",
  ],
  [
    "changed session metadata",
    "UPDATE sessions SET metadata = '{\"agentId\":\"evil\"}' WHERE key = 'victim'",
  ],
  ["session metadata that is no JSON", "UPDATE sessions SET metadata = 'x' WHERE key = 'victim'"],
  ["a changed status", "UPDATE sessions SET status = 'paused' WHERE key = 'victim'"],
  ["a changed generation", "UPDATE sessions SET generation = 'x' WHERE key = 'victim'"],
  ["a head set back", "UPDATE sessions SET head_seq = 4 WHERE key = 'victim'"],
  [
    "a session time out of range",
    "UPDATE sessions SET created_at = 9223372036854775807 WHERE key = 'victim'",
  ],
];

test.each(onMessages)("%s is detected, named and contained", async (_what, sql) => {
  await using fixture = await furnished();
  const { state, damage } = await tampered(fixture, (raw) => raw.exec(sql));
  expect(damage).toMatchObject([{ scope: "session", name: "victim" }]);
  expect(damage[0]?.say).toContain('"victim"');
  await expectSetAside(state, fixture.victimId);
  await expectUntouched(state, fixture.bystanderId);
});

test("a session whose record was removed is still known by name, and can be deleted", async () => {
  await using fixture = await furnished();
  const { state, damage } = await tampered(fixture, (raw) =>
    raw.exec("DELETE FROM sessions WHERE key = 'victim'"),
  );
  expect(damage).toMatchObject([{ scope: "session", name: "victim" }]);
  await expectSetAside(state, fixture.victimId);
  await expectUntouched(state, fixture.bystanderId);
  expect(await state.sessions.delete(fixture.victimId)).toBe(true);
  expect(state.damage()).toEqual([]);
  expect(await state.sessions.upsert(victim, {}, 9)).toMatchObject({ messageCount: 0 });
});

test("a session under another's name is noticed on both sides", async () => {
  await using fixture = await furnished();
  const { damage } = await tampered(fixture, (raw) => {
    raw.exec("UPDATE sessions SET key = 'x' WHERE key = 'victim'");
    raw.exec("UPDATE sessions SET key = 'victim' WHERE key = 'bystander'");
    raw.exec("UPDATE sessions SET key = 'bystander' WHERE key = 'x'");
  });
  expect(damage.map(({ name }) => name).sort()).toEqual(["bystander", "victim"]);
});

test("a session that never was is noticed", async () => {
  await using fixture = await furnished();
  const { state, damage } = await tampered(fixture, (raw) =>
    raw.exec(`INSERT INTO sessions(id, key, status, metadata, generation, head_seq, head_mac, open_runs, created_at, updated_at, mac)
      SELECT 'forged', 'forged', status, metadata, generation, head_seq, head_mac, open_runs, created_at, updated_at, mac
      FROM sessions WHERE key = 'victim'`),
  );
  expect(damage).toMatchObject([{ scope: "session", name: "forged" }]);
  await expect(state.sessions.append("forged", [ownerSays("x")])).rejects.toMatchObject({
    code: "session_damaged",
  });
});

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
      await state.runs.toolStarted(RunId.parse("run-a"), "call", "pay", 7);
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

test("a damaged session starts afresh when it is reset, without what was changed", async () => {
  await using fixture = await furnished();
  const { state } = await tampered(fixture, (raw) =>
    raw.exec("UPDATE sessions SET metadata = '{\"model\":\"evil\"}' WHERE key = 'victim'"),
  );
  expect(await state.sessions.reset(fixture.victimId, 9000)).toMatchObject({
    id: fixture.victimId,
    metadata: {},
    messageCount: 0,
  });
  await state.sessions.append(fixture.victimId, [ownerSays("again")]);
  const reopened = await fixture.reopen();
  expect((await reopened.sessions.find(victim))?.damage).toBeUndefined();
  expect((await reopened.runs.unfinished()).map(({ id }) => String(id))).toEqual(["run-b"]);
  expect((await reopened.verify()).filter(({ scope }) => scope === "session")).toEqual([]);
});

test("a broken register page sets aside what it lists, a broken root stops all writing", async () => {
  await using fixture = await furnished();
  const first = await tampered(fixture, (raw) =>
    raw.exec("UPDATE seals SET body = '[]' WHERE name LIKE 'memory/%'"),
  );
  expect(first.damage.some(({ scope }) => scope === "memory")).toBe(true);
  expect(await first.state.memory.read("main", "bank")).toBeUndefined();
  await expectUntouched(first.state, fixture.bystanderId);
  const second = await tampered(fixture, (raw) =>
    raw.exec("UPDATE seals SET body = '[]' WHERE name = 'root'"),
  );
  expect(second.damage).toContainEqual(expect.objectContaining({ scope: "database" }));
  const refusal = { code: expect.stringMatching(/^(session|database)_damaged$/) };
  await expect(second.state.sessions.append(fixture.bystanderId, [ownerSays("x")])).rejects.toMatchObject(
    refusal,
  );
  await expect(second.state.sessions.upsert(SessionKey.parse("fresh"), {}, 1)).rejects.toMatchObject(refusal);
  expect(await second.state.sessions.history(fixture.bystanderId, {})).not.toBeEmpty();
});

const onNotes: readonly (readonly [what: string, sql: string])[] = [
  ["a changed note", "UPDATE memory SET value = 'Ada''s account is 666' WHERE key = 'bank'"],
  ["a changed label", `UPDATE memory SET origin = '{"kind":"system"}' WHERE key = 'bank'`],
  ["a removed note", "DELETE FROM memory WHERE key = 'bank'"],
  [
    "a note with a time out of range",
    "UPDATE memory SET updated_at = 9223372036854775807 WHERE key = 'bank'",
  ],
];

test.each(onNotes)("%s is detected, named and not used, and the others are", async (_what, sql) => {
  await using fixture = await furnished();
  const { state, damage } = await tampered(fixture, (raw) => raw.exec(sql));
  expect(damage).toMatchObject([{ scope: "memory", name: "main" }]);
  expect(damage[0]?.say).toContain('"bank"');
  expect(await state.memory.read("main", "bank")).toBeUndefined();
  expect(await state.memory.search("main", "account", 5)).toEqual([]);
  expect((await state.memory.list("main")).map(({ key }) => key)).toEqual(["colour"]);
  await expectUntouched(state, fixture.bystanderId);
  await state.memory.write("main", {
    key: "bank",
    value: "again",
    origin: { kind: "owner" },
    updatedAtMs: 7,
  });
  expect(await state.verify()).toEqual([]);
});

test("a note that was slipped in, renamed, given to another agent or put back is not used", async () => {
  await using fixture = await furnished();
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("CREATE TABLE keep AS SELECT * FROM memory WHERE key = 'bank'");
  raw.close();
  const later = await fixture.reopen();
  await later.memory.write("main", {
    key: "bank",
    value: "Ada's account is 2",
    origin: { kind: "owner" },
    updatedAtMs: 6,
  });
  await later.memory.forget("main", "colour");
  const { state, damage } = await tampered(fixture, (raw) => {
    raw.exec("DELETE FROM memory; INSERT INTO memory SELECT * FROM keep");
    raw.exec("INSERT INTO memory SELECT 99, agent_id, 'copy', value, origin, updated_at, mac FROM keep");
    raw.exec("INSERT INTO memory SELECT 98, 'other', key, value, origin, updated_at, mac FROM keep");
  });
  expect(damage.map(({ scope, name }) => `${scope} ${name}`).sort()).toEqual([
    "memory main",
    "memory main",
    "memory other",
  ]);
  expect(await state.memory.list("main")).toEqual([]);
  expect(await state.memory.list("other")).toEqual([]);
});

const onRecords: readonly (readonly [what: string, sql: string, name: string])[] = [
  [
    "widened scopes",
    `UPDATE records SET body = replace(body, 'operator.read', 'operator.admin') WHERE name = 'phone'`,
    "device phone",
  ],
  ["a removed device", "DELETE FROM records WHERE name = 'phone'", "device phone"],
  [
    "a forged device",
    "INSERT INTO records SELECT kind, 'forged', body, mac FROM records WHERE name = 'phone'",
    "device forged",
  ],
  [
    "a token that is revoked no more",
    "UPDATE records SET body = replace(body, 'true', 'false') WHERE name = 'old'",
    "device token old",
  ],
  ["a changed setting", "UPDATE records SET body = '{\"value\":2}' WHERE kind = 'setting'", "setting cursor"],
];

test.each(onRecords)("%s: the record is treated as unknown and named", async (_what, sql, name) => {
  await using fixture = await furnished();
  const { state, damage } = await tampered(fixture, (raw) => raw.exec(sql));
  expect(damage).toMatchObject([{ scope: "database", name }]);
  const [id] = name.split(" ").slice(-1);
  expect(await state.devices.find(id ?? "")).toBeUndefined();
  if (name.startsWith("device token")) expect(await state.devices.findToken("old")).toBeUndefined();
  if (name.startsWith("setting")) expect(await state.settings.get("cursor")).toBeUndefined();
  expect((await state.devices.list()).map(({ deviceId }) => deviceId)).toContain("laptop");
  await expectUntouched(state, fixture.bystanderId);
});

test("a token of before its revocation, put back, is treated as unknown", async () => {
  await using fixture = await furnished();
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("CREATE TABLE keep AS SELECT * FROM records");
  raw.close();
  await (await fixture.reopen()).devices.revokeTokens("phone", "operator");
  const { state, damage } = await tampered(fixture, (raw) =>
    raw.exec(
      "DELETE FROM records WHERE name = 'new'; INSERT INTO records SELECT * FROM keep WHERE name = 'new'",
    ),
  );
  expect(damage).toMatchObject([{ scope: "database", name: "device token new" }]);
  expect(await state.devices.findToken("new")).toBeUndefined();
});

test.each([
  ["changed", "UPDATE usage SET cost_usd = 0"],
  ["removed", "DELETE FROM usage"],
  [
    "doubled",
    "INSERT INTO usage SELECT 99, provider, model, session_key, agent_id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, at, mac FROM usage",
  ],
])("usage that was %s is named", async (_what, sql) => {
  await using fixture = await furnished();
  const { state, damage } = await tampered(fixture, (raw) => raw.exec(sql));
  expect(damage).toMatchObject([{ scope: "database", name: "usage victim" }]);
  await expectUntouched(state, fixture.bystanderId);
});

test("a search never shows a text that does not verify", async () => {
  await using fixture = await furnished();
  const { state } = await tampered(fixture, (raw) =>
    raw.exec(
      "UPDATE messages SET content = replace(content, 'victim text 3', 'victim lies 3') WHERE id = 'a3'",
    ),
  );
  const fresh = await fixture.reopen();
  const hits = await fresh.sessions.search("victim text", { limit: 10 });
  expect(hits.every(({ snippet }) => !snippet.includes("lies"))).toBe(true);
  expect(fresh.damage()).toMatchObject([{ name: "victim" }]);
  await expect(state.sessions.count()).rejects.toMatchObject({ code: "closed" });
});

test("search indexes that were broken do not stand in the way and are made again", async () => {
  await using fixture = await furnished();
  const { state } = await tampered(fixture, (raw) =>
    raw.exec(
      "UPDATE message_index_data SET block = x'00ff00ff00ff'; UPDATE memory_index_data SET block = x'00ff00ff00ff'",
    ),
  );
  await state.sessions.append(fixture.bystanderId, [ownerSays("one more bystander", "b6")]);
  expect(await state.sessions.search("bystander", { limit: 10 })).toHaveLength(6);
  expect(await state.sessions.search("victim", { limit: 10 })).toHaveLength(5);
  expect(await state.memory.search("main", "account", 5)).toHaveLength(1);
  expect(await state.memory.forget("main", "bank")).toBe(true);
  expect(await state.memory.search("main", "account", 5)).toEqual([]);
});

test("flipped bytes anywhere in the closed file are refused, detected or without effect; never believed", async () => {
  const random = seeded(20_261_122);
  await using fixture = await furnished();
  const { sessions, memory } = fixture.state;
  for (let n = 0; n < 20; n++)
    await sessions.append(fixture.victimId, [ownerSays("some words to fill the pages ".repeat(50))]);
  const whole = {
    victim: await sessions.history(fixture.victimId, {}),
    bystander: await sessions.history(fixture.bystanderId, {}),
    notes: await memory.list("main"),
  };
  await fixture.close();
  const original = await readFile(join(fixture.dir, "state.db"));
  const outcomes = { refused: 0, detected: 0, withoutEffect: 0 };
  for (let round = 0; round < 120; round++) {
    await using copy = await temporaryDirectory();
    const flipped = Buffer.from(original);
    const at = Math.floor(random() * flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    await writeFile(join(copy.dir, "state.db"), flipped, { mode: 0o600 });
    outcomes[await outcomeOf(copy.dir, fixture, whole)]++;
  }
  expect(outcomes.refused + outcomes.detected).toBeGreaterThan(30);
}, 60_000);

interface Whole {
  readonly victim: readonly Message[];
  readonly bystander: readonly Message[];
  readonly notes: readonly MemoryEntry[];
}

async function outcomeOf(
  dir: string,
  fixture: Awaited<ReturnType<typeof furnished>>,
  whole: Whole,
): Promise<"refused" | "detected" | "withoutEffect"> {
  let state: State;
  try {
    state = await openState({ dir, keys: fixture.keys, newId: () => crypto.randomUUID() });
  } catch (error) {
    expect(error).toMatchObject({
      name: "StateError",
      code: expect.stringMatching(/^(corrupt|wrong_key|not_a_database|newer_schema)$/),
    });
    expect(String(error)).toContain(join(dir, "state.db"));
    return "refused";
  }
  const damage = await state.verify();
  const read = (id: string) =>
    state.sessions.history(id, { intactOnly: true }).catch((error: unknown) => error);
  for (const [id, messages] of [
    [fixture.victimId, whole.victim],
    [fixture.bystanderId, whole.bystander],
  ] as const) {
    const history = await read(id);
    if (Array.isArray(history) && history.length > 0) expect(history).toEqual([...messages]);
    else expect(damage).not.toBeEmpty();
  }
  for (const note of await state.memory.list("main").catch(() => []))
    expect(whole.notes).toContainEqual(note);
  await state[Symbol.asyncDispose]();
  return damage.length > 0 ? "detected" : "withoutEffect";
}
