import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawDatabase, temporaryState } from "../testing/index.ts";
import { migrate } from "./migrations.ts";
import { createDatabase } from "./open.ts";
import { knownSchema, schemaDigest } from "./schema-digest.ts";

test("the definitions a new database gets are the known ones", async () => {
  const dir = await mkdtemp(join(tmpdir(), "carapace-schema-"));
  let digest = "";
  await createDatabase(
    { file: join(dir, "new.db"), key: "0".repeat(64), busyTimeoutMs: 1000 },
    (connection) => {
      migrate(connection);
      digest = schemaDigest(connection);
    },
  );
  await rm(dir, { recursive: true });
  expect(digest).toBe(knownSchema);
});

test.each([
  [
    "a trigger that keeps the audit log whole was taken away",
    "DELETE FROM sqlite_schema WHERE type = 'trigger'",
  ],
  [
    "a column was renamed",
    "UPDATE sqlite_schema SET sql = replace(sql, 'role', 'rolf') WHERE name = 'messages'",
  ],
  ["a trigger was slipped in", "CREATE TRIGGER evil AFTER INSERT ON messages BEGIN DELETE FROM runs; END"],
])("a database of which %s is told", async (_what, sql) => {
  await using at = await temporaryState();
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  raw.exec(`PRAGMA writable_schema = ON; ${sql}`);
  raw.close();
  const state = await at.reopen();
  expect(state.damage()).toContainEqual(
    expect.objectContaining({ scope: "database", say: expect.stringContaining("definitions") }),
  );
});
