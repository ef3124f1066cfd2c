import { describe, expect, test } from "bun:test";
import { RunId, SessionKey } from "@carapace/protocol";
import { rawDatabase, temporaryState } from "../testing/index.ts";
import type { NewOutboxMessage, OutboxMessage, OutboxStatus } from "./types.ts";

const hourMs = 3_600_000;

const hello = (more: Partial<NewOutboxMessage> = {}): NewOutboxMessage => ({
  channel: "webhook",
  to: "me",
  parts: [{ type: "text", text: "hello" }],
  source: { kind: "send" },
  ...more,
});

type At = Awaited<ReturnType<typeof temporaryState>>;

async function added(at: At, id: string, more: Partial<NewOutboxMessage> = {}): Promise<OutboxMessage> {
  const result = await at.state.outbox.add(hello(more), { id, nowMs: 1000 });
  if (result.kind !== "added") throw new Error(result.kind);
  return result.message;
}

async function ended(at: At, id: string, { status, atMs }: { status: OutboxStatus; atMs: number }) {
  const { parts, source } = hello();
  const made = { id, seq: atMs, channel: "webhook", to: "me", parts, source, createdAtMs: atMs };
  await at.state.outbox.save({
    ...made,
    status,
    updatedAtMs: atMs,
    attempts: 1,
    maxAttempts: 1,
    partsSent: 0,
  });
}

describe("adding", () => {
  test("messages of a channel come in their order of arrival, and survive the process", async () => {
    await using at = await temporaryState();
    await added(at, "c", { ttlMs: 50 });
    await added(at, "a");
    await added(at, "b", { channel: "console" });
    const state = await at.reopen();
    expect(await state.outbox.queued("webhook")).toMatchObject([
      { id: "c", seq: 1, channel: "webhook", to: "me", expiresAtMs: 1050 },
      { id: "a", seq: 2 },
    ]);
    expect(await state.outbox.find("c")).toMatchObject({ attempts: 0, maxAttempts: 1, partsSent: 0 });
    expect((await state.outbox.channels()).sort()).toEqual(["console", "webhook"]);
    expect((await state.outbox.list({})).map(({ id }) => id)).toEqual(["b", "a", "c"]);
    expect((await state.outbox.list({ channel: "webhook", limit: 1 })).map(({ id }) => id)).toEqual(["a"]);
    expect(await state.outbox.counts()).toEqual(new Map([["queued", 3]]));
  });

  test("a key stands for its message while that is on its way, and 24 h longer", async () => {
    await using at = await temporaryState();
    const { outbox } = at.state;
    const first = await added(at, "one", { idempotencyKey: "k" });
    const late = { id: "two", nowMs: 1000 + 100 * hourMs };
    expect(await outbox.add(hello({ idempotencyKey: "k" }), late)).toEqual({
      kind: "duplicate",
      message: first,
    });
    await outbox.save({ ...first, status: "failed", updatedAtMs: 2000 });
    const within = { id: "two", nowMs: 1999 + 24 * hourMs };
    expect(await outbox.add(hello({ idempotencyKey: "k" }), within)).toMatchObject({
      kind: "duplicate",
      message: { id: "one", status: "failed" },
    });
    const after = { id: "two", nowMs: 2000 + 24 * hourMs };
    expect(await outbox.add(hello({ idempotencyKey: "k" }), after)).toMatchObject({ kind: "added" });
    expect(await outbox.findByKey("k", after.nowMs)).toMatchObject({ id: "two" });
  });

  test("a full channel takes nothing more, and another one does", async () => {
    await using at = await temporaryState();
    const { outbox } = at.state;
    await added(at, "one");
    await outbox.save({ ...(await added(at, "two")), status: "sending" });
    const facts = { nowMs: 1, maxPending: 2 };
    expect(await outbox.add(hello(), { id: "three", ...facts })).toEqual({ kind: "full" });
    expect(await outbox.add(hello({ channel: "console" }), { id: "four", ...facts })).toMatchObject({
      kind: "added",
    });
    expect(await outbox.pending()).toBe(3);
    expect(await outbox.pending("webhook")).toBe(2);
  });
});

describe("what is kept", () => {
  test("ended messages go after their time, failed ones later or when there are too many", async () => {
    await using at = await temporaryState();
    await ended(at, "sent", { status: "sent", atMs: 10 });
    await ended(at, "sent later", { status: "sent", atMs: 60 });
    await ended(at, "expired", { status: "expired", atMs: 10 });
    await ended(at, "cancelled", { status: "cancelled", atMs: 10 });
    await ended(at, "failed long ago", { status: "failed", atMs: 5 });
    await ended(at, "failed 1", { status: "failed", atMs: 20 });
    await ended(at, "failed 2", { status: "failed", atMs: 30 });
    await ended(at, "failed 3", { status: "failed", atMs: 40 });
    await added(at, "waiting");
    const kept = { endedBeforeMs: 50, failedBeforeMs: 8, maxFailed: 2 };
    expect(await at.state.outbox.prune(kept)).toBe(5);
    const left = (await at.state.outbox.list({})).map(({ id }) => id);
    expect(left.sort()).toEqual(["failed 2", "failed 3", "sent later", "waiting"]);
    expect(await at.state.verify()).toEqual([]);
  });

  test("more than one transaction forgets are forgotten, too", async () => {
    await using at = await temporaryState();
    for (let number = 0; number < 501; number++) await ended(at, `m${number}`, { status: "sent", atMs: 1 });
    expect(await at.state.outbox.prune({ endedBeforeMs: 2, failedBeforeMs: 0, maxFailed: 9 })).toBe(501);
    expect(await at.state.outbox.counts()).toEqual(new Map());
  });
});

test("all are forgotten at once, without a trace", async () => {
  await using at = await temporaryState();
  await added(at, "one");
  await added(at, "two");
  expect(await at.state.outbox.clear()).toBe(2);
  expect(await at.state.outbox.counts()).toEqual(new Map());
  expect(await at.state.verify()).toEqual([]);
});

test("a message is changed from what is stored, or left alone", async () => {
  await using at = await temporaryState();
  await added(at, "one");
  await added(at, "two");
  const { outbox } = at.state;
  const behind = await outbox.change("one", (message, nextSeq) => ({ ...message, seq: nextSeq() }));
  expect(behind?.seq).toBe(3);
  expect((await outbox.queued("webhook")).map(({ id }) => id)).toEqual(["two", "one"]);
  expect(await outbox.change("one", () => undefined)).toBeUndefined();
  expect(await outbox.change("nobody", (message) => message)).toBeUndefined();
});

test("a message that was changed from outside is not given out, and the next one gets its number all the same", async () => {
  await using at = await temporaryState();
  await added(at, "zero");
  await added(at, "one");
  await added(at, "two");
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  raw.exec(`UPDATE outbox SET body = json_set(body, '$.to', 'mallory') WHERE id = 'one'`);
  raw.exec(`UPDATE outbox SET body = json_set(body, '$.seq', 'many') WHERE id = 'two'`);
  raw.exec(
    `UPDATE outbox SET body = json_set(body, '$.status', 'sent', '$.updatedAtMs', 1) WHERE id = 'zero'`,
  );
  raw.close();
  const state = await at.reopen();
  expect((await state.outbox.queued("webhook")).map(({ id }) => id)).toEqual(["one"]);
  for (const id of ["zero", "one", "two"]) expect(await state.outbox.find(id)).toBeUndefined();
  expect(await state.outbox.list({})).toEqual([]);
  expect(await state.outbox.prune({ endedBeforeMs: 9, failedBeforeMs: 9, maxFailed: 0 })).toBe(0);
  expect(state.damage()).toHaveLength(3);
  const more = await state.outbox.add(hello(), { id: "three", nowMs: 1 });
  expect(more).toMatchObject({ kind: "added", message: { seq: 3 } });
});

describe("with a run's end", () => {
  const accept = async (at: At) => {
    const runId = RunId.parse("r1");
    const input = { id: "in", role: "user", blocks: [], createdAtMs: 1 } as const;
    const sessionKey = SessionKey.parse("main");
    await at.state.runs.accept({ runId, sessionKey, metadata: {}, input, options: {}, nowMs: 1 });
    await at.state.runs.begin(runId, 2);
    return runId;
  };

  test("its reply is queued together with it, once, and stands nowhere in the run", async () => {
    await using at = await temporaryState();
    const runId = await accept(at);
    const outgoing = { id: "out", message: hello({ idempotencyKey: "run:r1" }) };
    const end = { status: "completed", response: "hello", outgoing } as const;
    expect(await at.state.runs.finish(runId, end, 3)).toBe(true);
    expect(await at.state.runs.finish(runId, { ...end, outgoing: { ...outgoing, id: "again" } }, 4)).toBe(
      false,
    );
    const state = await at.reopen();
    expect(await state.outbox.list({})).toMatchObject([{ id: "out", status: "queued", createdAtMs: 3 }]);
    expect((await state.runs.find(runId))?.outcome).toEqual({ status: "completed", response: "hello" });
  });

  test("an end that cannot be stored queues nothing", async () => {
    await using at = await temporaryState();
    const runId = await accept(at);
    const last = { message: { id: "in", role: "assistant", blocks: [], createdAtMs: 3 } } as const;
    const outgoing = { id: "out", message: hello() };
    await expect(at.state.runs.finish(runId, { status: "completed", outgoing, last }, 3)).rejects.toThrow();
    expect(await at.state.outbox.list({})).toEqual([]);
    expect((await at.state.runs.find(runId))?.status).toBe("running");
  });
});
