import { expect, test } from "bun:test";
import { RunId } from "@carapace/protocol";
import { runOf, temporaryState } from "../testing/index.ts";

const first = RunId.parse("first");
const second = RunId.parse("second");
const outcome = { status: "completed", response: "" } as const;
const waiting = { runId: second, outcome, nowMs: 20 };

test("a waiting message joins a running turn's history and ends, in one step, and survives a restart", async () => {
  await using fixture = await temporaryState();
  const { session } = await fixture.state.runs.accept(runOf("first", "s", "one"));
  const { run } = await fixture.state.runs.accept(runOf("second", "s", "two"));
  await fixture.state.runs.begin(first, 10);
  const message = await fixture.state.runs.absorb(first, waiting);
  expect(message).toMatchObject({ id: run.input.id, seq: 2, runId: "first" });
  const { runs, sessions } = await fixture.reopen();
  expect((await sessions.history(session.id, {})).map(({ runId }) => String(runId))).toEqual([
    "first",
    "first",
  ]);
  expect(await runs.find("second")).toMatchObject({ status: "completed", outcome, endedAtMs: 20 });
  expect((await runs.unfinished()).map(({ id }) => String(id))).toEqual(["first"]);
  expect(await runs.absorb(first, waiting)).toBeUndefined();
  expect(await runs.begin(second, 30)).toBeUndefined();
});

test("a message of another session, or one that has begun, joins nothing", async () => {
  await using fixture = await temporaryState();
  const { runs } = fixture.state;
  await runs.accept(runOf("first", "s", "one"));
  await runs.begin(first, 10);
  await runs.accept(runOf("second", "other", "two"));
  expect(await runs.absorb(first, waiting)).toBeUndefined();
  await runs.begin(second, 10);
  expect(await runs.absorb(first, waiting)).toBeUndefined();
  expect(await runs.find("second")).toMatchObject({ status: "running" });
});

test("a run that does not run takes nothing in", async () => {
  await using fixture = await temporaryState();
  const { runs } = fixture.state;
  await runs.accept(runOf("first", "s", "one"));
  await runs.accept(runOf("second", "s", "two"));
  expect(runs.absorb(first, waiting)).rejects.toMatchObject({ code: "not_running" });
  expect((await runs.unfinished()).map(({ id }) => String(id))).toEqual(["first", "second"]);
});

test("unfinished runs of one status are read page by page, all of them, though they end meanwhile", async () => {
  await using fixture = await temporaryState();
  const { runs } = fixture.state;
  const ids = Array.from({ length: 40 }, (_, index) => `r${index}`);
  for (const id of ids) await runs.accept(runOf(id, `s${ids.indexOf(id) % 3}`, id));
  await runs.begin(RunId.parse("r0"), 5);
  const seen: string[] = [];
  for await (const run of runs.unfinishedOf("queued")) {
    seen.push(run.id);
    await runs.finish(run.id, { status: "cancelled" }, 9);
  }
  expect(seen).toEqual(ids.slice(1));
  const running: string[] = [];
  for await (const run of runs.unfinishedOf("running")) running.push(run.id);
  expect(running).toEqual(["r0"]);
});
