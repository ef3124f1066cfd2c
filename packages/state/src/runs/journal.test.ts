import { expect, test } from "bun:test";
import { RunId, SessionKey } from "@carapace/protocol";
import { modelSays, ownerSays, rawDatabase, runOf, temporaryState } from "../testing/index.ts";
import type { State } from "../types.ts";
import type { UsageEntry } from "../usage/types.ts";

const runId = RunId.parse("run-1");
const cost: UsageEntry = {
  provider: "anthropic",
  model: "anthropic:m",
  sessionKey: SessionKey.parse("cli-chat"),
  agentId: "main",
  usage: { inputTokens: 10, outputTokens: 5 },
  costUsd: 0.25,
  atMs: 1_764_000_000_000,
};

test("an accepted run makes its session, waits outside the history and survives a restart", async () => {
  await using fixture = await temporaryState();
  const given = runOf("run-1", "cli-chat", "hello");
  const accepted = await fixture.state.runs.accept(given);
  expect(accepted).toMatchObject({
    kind: "accepted",
    run: { id: runId, status: "queued", attempts: 0 },
    session: { key: "cli-chat" },
  });
  const { runs, sessions } = await fixture.reopen();
  expect(await runs.unfinished()).toEqual([accepted.run]);
  expect(await runs.find(runId)).toEqual(accepted.run);
  expect(await sessions.history(accepted.session.id, {})).toEqual([]);
});

test("a run accepted twice is a duplicate and changes nothing, also after it ended", async () => {
  await using fixture = await temporaryState();
  const { runs, sessions } = fixture.state;
  const first = await runs.accept(runOf("run-1", "cli-chat", "hello"));
  const second = await runs.accept(runOf("run-1", "another", "something else"));
  expect(second).toEqual({ ...first, kind: "duplicate" });
  expect(await sessions.find("another")).toBeUndefined();
  await runs.finish(runId, { status: "cancelled" }, 5);
  expect(await runs.accept(runOf("run-1", "cli-chat", "hello"))).toMatchObject({
    kind: "duplicate",
    run: { status: "cancelled" },
  });
});

test("a turn goes from queued to completed with its messages and usage in the same steps", async () => {
  await using fixture = await temporaryState();
  const { runs, sessions, usage } = fixture.state;
  const { session } = await runs.accept(runOf("run-1", "cli-chat", "hello"));
  expect(await runs.begin(runId, 2000)).toMatchObject({ status: "running", attempts: 1, startedAtMs: 2000 });
  const asked = await runs.step(runId, { message: modelSays("let me see", "m2"), usage: cost });
  expect(asked).toMatchObject({ seq: 2, runId, sessionId: session.id });
  await runs.toolStarted(runId, "call-1");
  await runs.toolStarted(runId, "call-1");
  expect(await runs.startedTools(runId)).toEqual(new Set(["call-1"]));
  expect(await runs.results(runId, [ownerSays("r1", "m3"), ownerSays("r2", "m4")])).toHaveLength(2);
  const last = { message: modelSays("done", "m5"), usage: cost };
  expect(
    await runs.finish(runId, { status: "completed", response: "done", stopReason: "end_turn", last }, 3000),
  ).toBe(true);
  expect(await runs.finish(runId, { status: "failed" }, 3001)).toBe(false);
  const state = await fixture.reopen();
  expect((await state.sessions.history(session.id, {})).map(({ id }) => id)).toEqual([
    "run-1-input",
    "m2",
    "m3",
    "m4",
    "m5",
  ]);
  expect(await state.runs.find(runId)).toMatchObject({
    status: "completed",
    endedAtMs: 3000,
    outcome: { status: "completed", response: "done", stopReason: "end_turn" },
  });
  expect(await usage.days(0).catch(() => "closed")).toBe("closed");
  expect(await state.usage.days(0)).toMatchObject([{ requests: 2, inputTokens: 20, costUsd: 0.5 }]);
  expect(await state.runs.unfinished()).toEqual([]);
  expect(await state.verify()).toEqual([]);
  expect(await sessions.find("x").catch(() => "closed")).toBe("closed");
});

test("a run begun again after a crash counts the attempt and does not double its input", async () => {
  await using fixture = await temporaryState();
  const { session } = await fixture.state.runs.accept(runOf("run-1", "cli-chat", "hello"));
  await fixture.state.runs.begin(runId, 2000);
  const { runs, sessions } = await fixture.reopen();
  expect(await runs.begin(runId, 4000)).toMatchObject({ attempts: 2, startedAtMs: 2000 });
  expect(await sessions.history(session.id, {})).toHaveLength(1);
});

test("steps of a run that is not running are refused and leave nothing", async () => {
  await using fixture = await temporaryState();
  const { runs, sessions } = fixture.state;
  const { session } = await runs.accept(runOf("run-1", "cli-chat", "hello"));
  const refusal = { code: "not_running" };
  await expect(runs.step(runId, { message: modelSays("x") })).rejects.toMatchObject(refusal);
  await expect(runs.results(runId, [modelSays("x")])).rejects.toMatchObject(refusal);
  await expect(runs.toolStarted(runId, "c")).rejects.toMatchObject(refusal);
  await runs.finish(runId, { status: "cancelled" }, 5);
  expect(await runs.begin(runId, 6)).toBeUndefined();
  expect(await runs.begin(RunId.parse("none"), 6)).toBeUndefined();
  expect(await runs.finish(RunId.parse("none"), { status: "failed" }, 6)).toBe(false);
  expect(await runs.startedTools(RunId.parse("none"))).toEqual(new Set());
  expect(await sessions.history(session.id, {})).toEqual([]);
});

test("unfinished runs come oldest first, of one session or of all", async () => {
  await using fixture = await temporaryState();
  const { runs } = fixture.state;
  const a = await runs.accept(runOf("a1", "a", "1"));
  await runs.accept(runOf("b1", "b", "1"));
  await runs.accept(runOf("a2", "a", "2"));
  const ids = async (sessionId?: string) => (await runs.unfinished(sessionId)).map(({ id }) => String(id));
  expect(await ids()).toEqual(["a1", "b1", "a2"]);
  expect(await ids(a.session.id)).toEqual(["a1", "a2"]);
  await runs.finish(RunId.parse("a1"), { status: "cancelled" }, 5);
  expect(await ids()).toEqual(["b1", "a2"]);
});

test("pruning forgets runs that ended before, and only those", async () => {
  await using fixture = await temporaryState();
  const { runs } = fixture.state;
  for (const id of ["old", "new", "open"]) await runs.accept(runOf(id, "s", id));
  await runs.finish(RunId.parse("old"), { status: "cancelled" }, 100);
  await runs.finish(RunId.parse("new"), { status: "cancelled" }, 200);
  expect(await runs.prune(150)).toBe(1);
  expect(await runs.find("old")).toBeUndefined();
  expect((await runs.find("new"))?.status).toBe("cancelled");
  expect((await runs.find("open"))?.status).toBe("queued");
  expect(await fixture.state.verify()).toEqual([]);
});

test("an ended run that was taken away from outside is not accepted a second time", async () => {
  await using fixture = await temporaryState();
  await fixture.state.runs.accept(runOf("pay", "s", "pay 5 to Ada"));
  await fixture.state.runs.finish(RunId.parse("pay"), { status: "completed" }, 100);
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("DELETE FROM runs");
  raw.close();
  const { runs, sessions } = await fixture.reopen();
  const again = runs.accept(runOf("pay", "s", "pay 5 to Ada"));
  await expect(again).rejects.toMatchObject({ code: "session_damaged" });
  expect((await sessions.find("s"))?.damage?.say).toContain("its run pay was removed");
  expect(await runs.find("pay")).toBeUndefined();
});

test.each([
  ["pruned", (state: State) => state.runs.prune(150)],
  ["gone with its session", async (state: State, id: string) => state.sessions.delete(id)],
])("the id of a run that was %s can be used again", async (_what, forget) => {
  await using fixture = await temporaryState();
  const { session } = await fixture.state.runs.accept(runOf("again", "s", "one"));
  await fixture.state.runs.finish(RunId.parse("again"), { status: "completed" }, 100);
  await forget(fixture.state, session.id);
  expect(await fixture.state.runs.accept(runOf("again", "s", "two"))).toMatchObject({ kind: "accepted" });
  expect(await (await fixture.reopen()).verify()).toEqual([]);
});
