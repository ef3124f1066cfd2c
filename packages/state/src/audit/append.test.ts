import { expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryState } from "../testing/index.ts";
import { appendAudit } from "./append.ts";

const event = {
  actor: "cli",
  event: "secret_changed",
  data: { name: "openai.apiKey", action: "set" },
} as const;
const how = { nowMs: () => 1_764_000_000_000, redact: (text: string) => text };

test("an event of a command stands in the chain of the closed log", async () => {
  await using fixture = await temporaryState();
  await fixture.state.audit.append({ actor: "gateway", event: "gateway_stopped", data: { reason: "test" } });
  await fixture.close();
  await appendAudit({ ...fixture, ...how }, event);
  const { audit } = await fixture.reopen();
  const { records } = await audit.tail({ limit: 10 });
  expect(records.map((record) => record.event)).toEqual(["gateway_stopped", "secret_changed"]);
  expect((await audit.verify()).findings).toEqual([]);
});

test("what is unfinished is left to the gateway, and a missing key or database is told", async () => {
  await using fixture = await temporaryState();
  await fixture.close();
  const { dir, keys } = fixture;
  const record = join(dir, "pending-change.json");
  writeFileSync(record, "{}", { mode: 0o600 });
  await expect(appendAudit({ dir, keys, ...how }, event)).rejects.toMatchObject({ code: "busy" });
  rmSync(record);
  const none = { load: async () => undefined };
  await expect(appendAudit({ dir, keys: none, ...how }, event)).rejects.toMatchObject({
    code: "key_missing",
  });
  rmSync(join(dir, "state.db"));
  await expect(appendAudit({ dir, keys, ...how }, event)).rejects.toMatchObject({ code: "not_found" });
  expect((await (await fixture.reopen()).audit.tail({ limit: 1 })).headSeq).toBe(0);
});
