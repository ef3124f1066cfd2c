import { expect, test } from "bun:test";
import { rawDatabase } from "../testing/raw.ts";
import { rekeyState } from "./rekey.ts";
import { resealedTables } from "./reseal/reseal.ts";
import { fullState } from "./testing/full-state.ts";

type Home = Awaited<ReturnType<typeof fullState>>;

async function sql(at: Home, ...statements: string[]): Promise<void> {
  const db = await rawDatabase(at.dir, at.keys());
  for (const statement of statements) db.exec(statement);
  db.close();
}

async function damageOf(at: Home): Promise<string[]> {
  await using state = await at.open();
  await state.verify();
  return state
    .damage()
    .map(({ say }) => say)
    .sort();
}

const rekey = (at: Home) =>
  rekeyState({ dir: at.dir, keys: at.keys(), passwords: undefined, nowMs: () => 1 });

test("every table with a MAC is resealed", async () => {
  using at = await fullState();
  const db = await rawDatabase(at.dir, at.keys());
  const columns = db
    .prepare(
      `SELECT DISTINCT m.name AS name FROM sqlite_schema m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.name LIKE '%mac'`,
    )
    .all([])
    .map((row) => (row as { name: string }).name);
  db.close();
  expect(columns.sort()).toEqual([...resealedTables].sort());
});

const changes: readonly (readonly [string, string])[] = [
  ["a message's text", "UPDATE messages SET content = replace(content, 'first', 'other') WHERE seq = 1"],
  ["a message's sender", "UPDATE messages SET role = 'system' WHERE seq = 2"],
  ["a message's place", "UPDATE messages SET seq = seq + 10 WHERE seq = 3"],
  ["a message that is gone", "DELETE FROM messages WHERE seq = 2"],
  ["a session's record", "UPDATE sessions SET status = 'paused' WHERE key = 'one'"],
  ["a session that is gone", "DELETE FROM sessions WHERE key = 'one'"],
  ["a session's head", "UPDATE sessions SET head_seq = 2 WHERE key = 'one'"],
  ["a summary", "UPDATE compactions SET messages_compacted = 1"],
  ["an archive", "UPDATE archives SET label = 'other'"],
  ["a waiting run", "UPDATE runs SET input = replace(input, 'more', 'evil') WHERE ended_at IS NULL"],
  ["a waiting run that is gone", "DELETE FROM runs WHERE ended_at IS NULL"],
  ["an ended run", "UPDATE runs SET attempts = 7 WHERE ended_at IS NOT NULL"],
  ["an ended run that is gone", "DELETE FROM runs WHERE ended_at IS NOT NULL"],
  ["a note", "UPDATE memory SET value = 'Eve'"],
  ["a note that is gone", "DELETE FROM memory WHERE agent_id = 'main'"],
  ["a note under another name", "UPDATE memory SET key = 'nickname' WHERE agent_id = 'main'"],
  ["a setting", "UPDATE records SET body = '{}' WHERE kind = 'setting'"],
  [
    "a device's token",
    "UPDATE records SET body = replace(body, 'false', 'true') WHERE kind = 'device token'",
  ],
  ["a usage entry", "UPDATE usage SET cost_usd = 0 WHERE n = 1"],
  ["the newest usage entry that is gone", "DELETE FROM usage WHERE n = (SELECT max(n) FROM usage)"],
  ["a page of the register", "UPDATE seals SET body = '[]' WHERE name LIKE 'memory/%'"],
];

test.each(changes)(
  "%s that was changed from outside is as damaged afterwards as before",
  async (_what, change) => {
    using at = await fullState();
    await sql(at, change);
    const before = await damageOf(at);
    expect(before.length).toBeGreaterThan(0);
    const report = await rekey(at);
    expect(report.damage.map(({ say }) => say).sort()).toEqual(before);
    expect(await damageOf(at)).toEqual(before);
  },
);

test("a damaged register is no ground to seal anything on", async () => {
  using at = await fullState();
  await sql(at, "UPDATE seals SET n = n + 1 WHERE name = 'root'");
  await expect(rekey(at)).rejects.toMatchObject({ code: "database_damaged" });
  expect((await damageOf(at)).join()).toContain("register");
});

test("what was slipped into the audit log stays found", async () => {
  using at = await fullState();
  await sql(
    at,
    "DROP TRIGGER audit_is_never_changed",
    "UPDATE audit SET data = replace(data, 'gateway.port', 'gateway.bind') WHERE event = 'config_changed'",
  );
  await rekey(at);
  await using state = await at.open();
  expect((await state.audit.verify()).findings.length).toBeGreaterThan(0);
});
