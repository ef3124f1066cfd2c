import { expect, test } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { SessionKey } from "@carapace/protocol";
import { openState } from "../open.ts";
import { rawDatabase, type TemporaryState, temporaryState } from "../testing/index.ts";
import type { AuditEvent } from "./entry.ts";
import { openAudit } from "./open.ts";

function denied(n: number): AuditEvent {
  const data = { tool_name: `tool ${n}`, agent_id: "main", policy: "deny-list" };
  return { actor: "agent:main", event: "tool_denied", data };
}

async function filled(count: number): Promise<TemporaryState> {
  const fixture = await temporaryState();
  await Promise.all(Array.from({ length: count }, (_, n) => fixture.state.audit.append(denied(n + 1))));
  return fixture;
}

/** The closed database after somebody who has its page key was there; triggers do not stop him. */
async function tampered(fixture: TemporaryState, sql: string) {
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  const triggers = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all([]);
  for (const trigger of triggers) raw.exec(`DROP TRIGGER ${String(Object(trigger).name)}`);
  raw.exec(sql);
  raw.close();
  const state = await fixture.reopen();
  return { state, report: await state.audit.verify() };
}

test("events are numbered, chained, and read back in order, by kind and by time", async () => {
  await using fixture = await filled(3);
  const { audit } = fixture.state;
  await audit.append({ actor: "owner", event: "gateway_stopped", data: { reason: "SIGTERM" } });
  const { records, headSeq } = await audit.tail({ limit: 10 });
  expect(headSeq).toBe(4);
  expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(records[0]).toMatchObject({
    event: "tool_denied",
    actor: "agent:main",
    data: { type: "tool_denied", tool_name: "tool 1", agent_id: "main", policy: "deny-list" },
    prevHash: "0".repeat(64),
  });
  expect(records[1]?.prevHash).toBe(records[0]?.hash ?? "");
  expect((await audit.tail({ limit: 2, newest: true })).records.map(({ seq }) => seq)).toEqual([3, 4]);
  expect((await audit.tail({ limit: 9, event: "gateway_stopped" })).records).toHaveLength(1);
  expect((await audit.tail({ limit: 9, sinceMs: Date.now() + 9999 })).records).toEqual([]);
  expect(await audit.verify()).toMatchObject({ records: 4, lastSeq: 4, findings: [] });
});

test("a stop signs the log, a start after a crash signs what was found, and 256 records share a head", async () => {
  await using fixture = await filled(300);
  const before = await fixture.state.audit.verify();
  expect(before).toMatchObject({ records: 300, signedThrough: 300 });
  await fixture.state.audit.append(denied(301));
  expect((await fixture.state.audit.verify()).signedThrough).toBe(300);
  const state = await fixture.reopen();
  const after = await state.audit.verify();
  expect(after).toMatchObject({ signedThrough: 301, findings: [] });
  expect(after.publicKeys).toHaveLength(1);
  expect(after.publicKeys).toEqual(before.publicKeys);
});

test("what is recorded inside a transaction stands or falls with it, and the rest rides along", async () => {
  await using fixture = await temporaryState();
  const { state } = fixture;
  state.audit.record(denied(1));
  await state.sessions.upsert(SessionKey.parse("a"), { userId: "u" }, 1);
  const { records } = await state.audit.tail({ limit: 9 });
  expect(records.map(({ event }) => event)).toEqual(["tool_denied", "session_created"]);
  expect(records[1]?.data["user_id"]).toBe("u");
});

test.each([
  ["changed", "UPDATE audit SET data = replace(data, 'tool 3', 'tool 9') WHERE seq = 3", "changed", 3],
  ["moved in time", "UPDATE audit SET at = at - 5000 WHERE seq = 2", "changed", 2],
  ["given another actor", "UPDATE audit SET actor = 'owner' WHERE seq = 4", "changed", 4],
  ["removed", "DELETE FROM audit WHERE seq = 3", "removed", 3],
  ["the first", "DELETE FROM audit WHERE seq = 1", "removed", 1],
  ["the last", "DELETE FROM audit WHERE seq > 3", "truncated", 4],
  [
    "swapped with another",
    "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99",
    "changed",
    2,
  ],
  [
    "slipped in",
    "INSERT INTO audit SELECT 6, at, actor, event, data, hash, hash, mac FROM audit WHERE seq = 5",
    "slipped_in",
    6,
  ],
  ["freed of its head", "DELETE FROM audit_heads", "bad_head", 5],
] as const)(
  "a record of the closed database that was %s is found and named",
  async (_what, sql, kind, seq) => {
    await using fixture = await filled(5);
    const { report, state } = await tampered(fixture, sql);
    const found = report.findings.find((finding) => finding.kind === kind || finding.seq === seq);
    expect(found).toMatchObject({ seq });
    expect(report.findings.map((finding) => finding.kind)).toContain(kind);
    const damage = await state.verify();
    expect(damage).toContainEqual(expect.objectContaining({ name: "audit log" }));
  },
);

test("a log rewritten with right hashes is found by its seals", async () => {
  await using fixture = await filled(2);
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("DROP TRIGGER audit_is_never_changed");
  const { hashOf } = await import("./record.ts");
  const row = Object(raw.prepare("SELECT at, data, prev_hash FROM audit WHERE seq = 2").get([]));
  const ts = new Date(Number(row.at)).toISOString();
  const forged = { seq: 2, ts, actor: "owner", event: "tool_denied", data: String(row.data) };
  const hash = hashOf({ ...forged, prevHash: String(row.prev_hash) });
  raw.prepare("UPDATE audit SET actor = 'owner', hash = ? WHERE seq = 2").run([hash]);
  raw.close();
  const report = await (await fixture.reopen()).audit.verify();
  expect(report.findings[0]).toMatchObject({ kind: "changed", seq: 2 });
});

test("what was cut off stays missing, whatever is appended later", async () => {
  await using fixture = await filled(5);
  const { state } = await tampered(fixture, "DELETE FROM audit WHERE seq > 3; DELETE FROM audit_heads");
  await state.audit.append(denied(9));
  const { records } = await state.audit.tail({ limit: 9 });
  expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 6, 7]);
  expect(records[3]).toMatchObject({ event: "audit_resumed", data: { expected_seq: 5, found_seq: 3 } });
  const { findings } = await state.audit.verify();
  expect(findings).toContainEqual({ kind: "removed", seq: 4, say: "Records 4 to 5 were removed." });
});

test("the database itself refuses to change or remove a record", async () => {
  await using fixture = await filled(2);
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  for (const sql of [
    "UPDATE audit SET actor = 'x'",
    "DELETE FROM audit",
    "DELETE FROM audit_heads",
    "UPDATE audit_heads SET seq = 9",
    "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
  ])
    expect(() => raw.exec(sql)).toThrow("audit log");
  raw.close();
  expect((await (await fixture.reopen()).audit.verify()).findings).toEqual([]);
});

test("retention cuts behind a signed head, by number and by age, and the rest still verifies", async () => {
  await using fixture = await filled(20);
  const { audit } = fixture.state;
  expect(await audit.cut({ beforeMs: 0, maxRecords: 100 })).toBe(0);
  expect(await audit.cut({ beforeMs: 0, maxRecords: 8 })).toBe(12);
  expect(await audit.cut({ beforeMs: 0, maxRecords: 5 })).toBe(3);
  expect(await audit.verify()).toMatchObject({ records: 5, firstSeq: 16, findings: [] });
  const state = await fixture.reopen();
  await state.audit.append(denied(21));
  expect(await state.audit.cut({ beforeMs: Date.now() + 60_000, maxRecords: 100 })).toBe(6);
  expect(await state.audit.verify()).toMatchObject({ records: 0, findings: [] });
  await state.audit.append(denied(22));
  expect(await state.audit.verify()).toMatchObject({ records: 1, firstSeq: 22, findings: [] });
  expect(await state.verify()).toEqual([]);
});

test("lines of another log are taken over once, bound into the chain, and checked", async () => {
  await using fixture = await temporaryState();
  const lines = ['{"ts":"2026-01-01T00:00:00Z","event":"x","data":{"type":"x"}}', '{"ts":"t","event":"é"}'];
  const forged = ['{"ts":"t","event":"audit_head","data":{},"signature":"x"}', "no line of a log"];
  expect(await fixture.state.audit.appendForeign([...lines, ...forged], "audit.jsonl")).toBe(2);
  expect(await fixture.state.audit.appendForeign(lines, "audit.jsonl")).toBe(0);
  const { audit } = await fixture.reopen();
  expect((await audit.foreign(0, 10)).map(({ line }) => line)).toEqual(lines);
  const { records } = await audit.tail({ limit: 9 });
  expect(records).toMatchObject([
    { event: "audit_imported", data: { source: "audit.jsonl", line_count: 2 } },
  ]);
  expect(await audit.verify()).toMatchObject({ unchained: 2, findings: [] });
  const { report } = await tampered(fixture, "UPDATE audit_foreign SET line = 'z' WHERE line LIKE '%é%'");
  expect(report.findings).toMatchObject([{ kind: "changed" }]);
});

test("the log is read beside the open state and after it, and nothing is written", async () => {
  await using fixture = await filled(3);
  const options = { dir: fixture.dir, keys: fixture.keys, nowMs: Date.now };
  {
    await using beside = await openAudit(options);
    expect(await beside.verify()).toMatchObject({ records: 3, findings: [] });
  }
  await fixture.close();
  const file = Bun.file(`${fixture.dir}/state.db`);
  const before = Bun.hash(await file.bytes());
  {
    await using after = await openAudit(options);
    expect((await after.tail({ limit: 2 })).records).toHaveLength(2);
    expect(await after.verify()).toMatchObject({ records: 3, signedThrough: 3, findings: [] });
  }
  expect(Bun.hash(await file.bytes())).toBe(before);
});

test("reading refuses a directory without a database", async () => {
  await using fixture = await temporaryState();
  const elsewhere = openAudit({ dir: `${fixture.dir}/none`, keys: fixture.keys, nowMs: Date.now });
  await expect(elsewhere).rejects.toMatchObject({ code: "not_found" });
});

test("an event that cannot be written is told to whoever waits, and does not fail other work", async () => {
  await using fixture = await temporaryState();
  const { audit, sessions } = fixture.state;
  const bad = { actor: "owner", event: "gateway_stopped", data: {} };
  // A caller without types, say.
  const unparsed = audit.append as (event: unknown) => Promise<void>;
  await expect(unparsed(bad)).rejects.toThrow();
  await sessions.upsert(SessionKey.parse("a"), {}, 1);
  expect((await audit.tail({ limit: 9 })).records).toHaveLength(1);
  await fixture.close();
  await expect(audit.append(denied(1))).rejects.toMatchObject({ code: "closed" });
  audit.record(denied(2));
});

test("an event together with a change is there if the change is, and not otherwise", async () => {
  await using fixture = await temporaryState();
  const { audit, settings } = fixture.state;
  await audit.together(denied(1), () => settings.set("a", 1));
  await audit.together(denied(2), async () => undefined);
  await expect(audit.together(denied(3), () => settings.set("a\0", 1))).rejects.toThrow("NUL");
  await audit.flush();
  const { records } = await audit.tail({ limit: 9 });
  expect(records.map(({ data }) => data["tool_name"])).toEqual(["tool 1"]);
});

test("a log that cannot be written any more fails no other work", async () => {
  await using fixture = await filled(1);
  const { audit, sessions } = fixture.state;
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("ALTER TABLE audit RENAME TO gone");
  raw.close();
  audit.record(denied(2));
  await sessions.upsert(SessionKey.parse("a"), {}, 1);
  expect(await sessions.find("a")).toBeDefined();
  await expect(audit.append(denied(3))).rejects.toThrow();
  await sessions.upsert(SessionKey.parse("b"), {}, 1);
  const again = await rawDatabase(fixture.dir, fixture.keys);
  again.exec("ALTER TABLE gone RENAME TO audit");
  again.close();
  await audit.append(denied(4));
  const { records } = await audit.tail({ limit: 9 });
  expect(records.map(({ event }) => event)).toEqual([
    "tool_denied",
    "tool_denied",
    "session_created",
    "tool_denied",
    "session_created",
    "tool_denied",
  ]);
  expect((await audit.verify()).findings).toEqual([]);
});

test("after a crash the log is whole, read without a write, and signed by the next start", async () => {
  await using fixture = await filled(3);
  const dir = `${fixture.dir}-crashed`;
  await cp(fixture.dir, dir, { recursive: true });
  await using _gone = { [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
  const bytes = async () => Bun.hash(await Bun.file(`${dir}/state.db`).bytes());
  const before = await bytes();
  {
    await using reader = await openAudit({ dir, keys: fixture.keys, nowMs: Date.now });
    expect(await reader.verify()).toMatchObject({ records: 3, signedThrough: 0, findings: [] });
    expect((await reader.bounds(0, 3)).end.data).toMatchObject({ seq: 3, reason: "export" });
  }
  expect(await bytes()).toBe(before);
  await using next = await openState({ dir, keys: fixture.keys, newId: () => crypto.randomUUID() });
  await next.audit.append(denied(4));
  const { heads } = await next.audit.tail({ limit: 9 });
  expect(heads.map(({ data }) => [data.seq, data.reason])).toEqual([[3, "recovery"]]);
  expect((await next.audit.verify()).findings).toEqual([]);
});

test("what comes too fast is counted instead of kept", async () => {
  await using fixture = await temporaryState();
  const { audit } = fixture.state;
  for (let n = 0; n < 10_050; n++) audit.record(denied(n));
  await audit.flush();
  const { records, headSeq } = await audit.tail({ limit: 1, newest: true });
  expect(headSeq).toBe(10_001);
  expect(records[0]).toMatchObject({ event: "audit_events_dropped", data: { dropped_count: 50 } });
});

test("another process may write between: numbers go on, and what stands together stays together", async () => {
  await using fixture = await filled(2);
  const options = { dir: fixture.dir, keys: fixture.keys, newId: () => crypto.randomUUID() };
  {
    await using other = await openState(options);
    await other.audit.append(denied(3));
  }
  const { audit, settings } = fixture.state;
  await audit.together(denied(4), () => settings.set("a", 1));
  await audit.append(denied(5));
  const { records } = await audit.tail({ limit: 9 });
  expect(records.map(({ data }) => data["tool_name"])).toEqual([1, 2, 3, 4, 5].map((n) => `tool ${n}`));
  expect((await audit.verify()).findings).toEqual([]);
});
