import { expect, test } from "bun:test";
import { rawDatabase } from "@carapace/state/testing";
import { expectUntouched, furnished, tampered } from "./support/tampering.ts";

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
    raw.exec("DROP TABLE keep");
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
      "DELETE FROM records WHERE name = 'new'; INSERT INTO records SELECT * FROM keep WHERE name = 'new'; DROP TABLE keep",
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
