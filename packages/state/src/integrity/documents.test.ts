import { expect, test } from "bun:test";
import type { CronJob } from "../cron/types.ts";
import type { Task } from "../tasks/types.ts";
import { rawDatabase, temporaryState } from "../testing/index.ts";

const job = (id: string, nextRunAtMs?: number, enabled = true): CronJob => ({
  id,
  name: id,
  enabled,
  createdAtMs: 1,
  updatedAtMs: 1,
  schedule: { kind: "every", everyMs: 5 },
  payload: { kind: "systemEvent", text: "t" },
  state: nextRunAtMs === undefined ? {} : { nextRunAtMs },
});

const task = (id: string, state: Task["state"], nextRunAtMs: number | null = null): Task => ({
  id,
  state,
  attempts: 0,
  nextRunAtMs,
  payload: { kind: "agentTurn", message: "m" },
  createdAtMs: 1,
  updatedAtMs: 1,
});

test("due jobs are the enabled ones whose time has come, the longest due first", async () => {
  await using at = await temporaryState();
  const { cron } = at.state;
  for (const one of [job("later", 30), job("b", 10), job("a", 20), job("off", 5, false), job("never")])
    await cron.save(one);
  expect((await cron.due(20, 10)).map(({ id }) => id)).toEqual(["b", "a"]);
  expect((await cron.due(20, 1)).map(({ id }) => id)).toEqual(["b"]);
  expect(await cron.nextRunAtMs()).toBe(10);
  await cron.save(job("b", 40));
  expect(await cron.nextRunAtMs()).toBe(20);
  expect(await cron.remove("a")).toBe(true);
  expect(await cron.remove("a")).toBe(false);
});

test("due tasks wait and have no time yet to come; a task of another queue with the same id is another one", async () => {
  await using at = await temporaryState();
  const { tasks } = at.state;
  for (const one of [
    task("c", "retry_wait", 9),
    task("a", "queued"),
    task("d", "queued", 11),
    task("e", "running"),
    task("f", "done"),
  ])
    await tasks.save("tasks", one);
  await tasks.save("read_receipts", task("a", "failed"));
  expect((await tasks.due("tasks", 10, 10)).map(({ id }) => id)).toEqual(["a", "c"]);
  expect((await tasks.list("tasks", "queued")).map(({ id }) => id)).toEqual(["a", "d"]);
  expect(await tasks.find("read_receipts", "a")).toMatchObject({ state: "failed" });
  expect(await tasks.remove("tasks", "a")).toBe(true);
  expect(await tasks.find("read_receipts", "a")).toMatchObject({ state: "failed" });
});

test("a login is changed from what is stored, and keeps what nobody here knows", async () => {
  await using at = await temporaryState();
  const { profiles } = at.state;
  await profiles.save({ id: "p", token: "enc:v2:x", later: 1 });
  expect(await profiles.update("p", (stored) => ({ ...stored, last_used_ms: 5 }))).toBe(true);
  expect(await profiles.list()).toEqual([{ id: "p", token: "enc:v2:x", later: 1, last_used_ms: 5 }]);
  expect(await profiles.update("q", (stored) => stored)).toBe(false);
  expect(await profiles.remove("p")).toBe(true);
});

test("a node goes with its tokens, a gateway by its id, and rules change their hash", async () => {
  await using at = await temporaryState();
  const { nodes, gateways, execApprovals } = at.state;
  const token = { tokenHash: "a".repeat(64), nodeId: "n", issuedAtMs: 1, expiresAtMs: 2, revoked: false };
  await nodes.save({ nodeId: "n", pairedAtMs: 1 });
  await nodes.saveToken(token);
  await nodes.saveRequest({ requestId: "r", nodeId: "m", state: "pending", createdAtMs: 1 });
  expect(await nodes.find("n")).toMatchObject({ pairedAtMs: 1 });
  expect(await nodes.findToken(token.tokenHash)).toEqual(token);
  expect(await nodes.remove("n")).toBe(true);
  expect(await nodes.all()).toMatchObject({ nodes: [], tokens: [], requests: [{ requestId: "r" }] });
  await gateways.save({ id: "g", name: "attic", url: "wss://attic" });
  expect(await gateways.remove("g")).toBe(true);
  expect(await gateways.list()).toEqual([]);
  const first = await execApprovals.set("{}");
  expect(await execApprovals.get()).toEqual(first);
  expect((await execApprovals.set("{} ")).hash).not.toBe(first.hash);
});

test.each([
  ["changed", `UPDATE cron_jobs SET body = replace(body, 'systemEvent', 'agentTurn') WHERE id = 'a'`],
  ["removed", `DELETE FROM cron_jobs WHERE id = 'a'`],
  [
    "replaced by a copy of another",
    `UPDATE cron_jobs SET (body, mac) = (SELECT body, mac FROM cron_jobs WHERE id = 'b') WHERE id = 'a'`,
  ],
])("a document that was %s from outside is unknown, never fires, and is reported", async (_name, sql) => {
  await using at = await temporaryState();
  await at.state.cron.save(job("a", 1));
  await at.state.cron.save(job("b", 1));
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  raw.exec(sql);
  raw.close();
  const state = await at.reopen();
  expect((await state.cron.due(9, 9)).map(({ id }) => id)).toEqual(["b"]);
  expect(await state.verify()).toMatchObject([{ name: "scheduled job a" }]);
  expect(await state.cron.find("a")).toBeUndefined();
  expect(await state.cron.find("b")).toMatchObject({ id: "b" });
  await state.cron.save(job("a", 1));
  expect(await state.verify()).toEqual([]);
});

test("a document that was slipped in is unknown", async () => {
  await using at = await temporaryState();
  await at.state.tasks.save("tasks", task("real", "queued"));
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  raw.exec(
    "INSERT INTO tasks(id, body, mac) SELECT 'tasks/forged', replace(body, 'real', 'forged'), mac FROM tasks",
  );
  raw.close();
  const state = await at.reopen();
  expect(await state.tasks.list("tasks")).toMatchObject([{ id: "real" }]);
  expect(state.damage()).toMatchObject([{ name: "task tasks/forged" }]);
});

test("many documents are checked page by page, and the ones that are gone are named", async () => {
  await using at = await temporaryState();
  for (let n = 0; n < 450; n++)
    await at.state.tasks.save("tasks", task(`t${String(n).padStart(3, "0")}`, "done"));
  expect(await at.state.verify()).toEqual([]);
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  raw.exec("DELETE FROM tasks WHERE id = 'tasks/t199' OR id = 'tasks/t449'");
  raw.close();
  const state = await at.reopen();
  const damage = await state.verify();
  expect(damage.map(({ name }) => name).sort()).toEqual(["task tasks/t199", "task tasks/t449"]);
});
