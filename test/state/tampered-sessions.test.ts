import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import { ownerSays } from "@carapace/state/testing";
import { expectSetAside, expectUntouched, furnished, tampered, victim } from "./support/tampering.ts";

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
  ["a removed run that had ended", "DELETE FROM runs WHERE id = 'run-done'"],
  [
    "a changed outcome",
    "UPDATE runs SET outcome = replace(outcome, 'cancelled', 'completed') WHERE id = 'run-done'",
  ],
  ["an ended run under another id", "UPDATE runs SET id = 'run-other' WHERE id = 'run-done'"],
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
