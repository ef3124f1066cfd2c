import { expect, test } from "bun:test";
import { ok, RunId, refuse, SessionKey } from "@carapace/protocol";
import { temporaryState } from "@carapace/state/testing";
import { stopRuns } from "../sessions/stop-runs.ts";
import type { World } from "../types.ts";
import { createRunFeed, type RunNews } from "./feed.ts";
import type { QueueMode } from "./queue.ts";
import { createRuns, maxWaitingPerSession } from "./runs.ts";
import type { ExecuteRun, RunRequest } from "./types.ts";
import type { WaitingLimits } from "./waiting-budget.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const world: Pick<World, "newId" | "nowMs"> = { newId: () => crypto.randomUUID(), nowMs: Date.now };

async function bench(
  execute: ExecuteRun,
  waiting?: WaitingLimits,
  queueMode: () => Promise<QueueMode> = async () => "follow-up",
) {
  const temporary = await temporaryState();
  const prepared: string[] = [];
  const runs = createRuns({
    ...world,
    journal: temporary.state.runs,
    execute,
    maxConcurrent: () => 4,
    prepare: async (request) => void prepared.push(request.runId),
    complete: async (request) => request,
    events: { nowMs: Date.now, csp: () => "", secrets: () => [] },
    feed: createRunFeed(),
    queueMode,
    ...(waiting && { waiting }),
    log: quiet,
  });
  return { runs, prepared, temporary, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() };
}

const request = (id: string, sessionKey = "s"): RunRequest => ({
  runId: RunId.parse(id),
  sessionKey: SessionKey.parse(sessionKey),
  metadata: {},
  blocks: [{ type: "text", text: id, origin: { kind: "owner" } }],
  options: { purpose: "turn", stream: true, announce: false },
});

test("the 65th waiting message of a session is refused, and a repeated one is still known", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using it = await bench(() => gate.promise);
  const send = (id: string) => it.runs.accept(id, async () => ok(request(id)));
  for (let number = 0; number <= maxWaitingPerSession; number += 1) {
    expect((await send(`r${number}`)).ok).toBe(true);
  }
  expect(await send("one too many")).toMatchObject({ ok: false, code: "unavailable" });
  expect(await send("r7")).toMatchObject({
    ok: true,
    value: { kind: "duplicate", run: { status: "queued" } },
  });
  expect(it.prepared).toEqual(["r0"]);
  gate.resolve(undefined);
  await it.runs.close(0);
});

test("all sessions' waiting messages together have a limit; a repeated one is still known", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using it = await bench(() => gate.promise, { maxRuns: 3, maxBytes: 1_000_000 });
  const send = (id: string, key: string) => it.runs.accept(id, async () => ok(request(id, key)));
  // Two sessions of three messages each: of each one runs, and the sixth finds no place.
  for (const [id, key] of [
    ["a1", "a"],
    ["b1", "b"],
    ["a2", "a"],
    ["b2", "b"],
    ["a3", "a"],
  ] as const) {
    expect((await send(id, key)).ok).toBe(true);
  }
  expect(await send("b3", "b")).toMatchObject({
    ok: false,
    code: "unavailable",
    say: "too many messages wait for their turn; try again later",
  });
  expect(await send("b2", "b")).toMatchObject({ ok: true, value: { kind: "duplicate" } });
  await it.runs.abort("a3");
  expect((await send("b3", "b")).ok).toBe(true);
  gate.resolve(undefined);
  await it.runs.close(0);
});

test("a message too big for what is left of the budget is refused", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using it = await bench(() => gate.promise, { maxRuns: 9, maxBytes: 10 });
  expect(await it.runs.accept("a", async () => ok(request("a")))).toMatchObject({ code: "unavailable" });
  gate.resolve(undefined);
});

test("a run can be followed inside the process, up to its one ending", async () => {
  await using it = await bench(async () => ({ status: "completed", response: "done" }));
  const news: RunNews[] = [];
  using _following = it.runs.follow("a", (one) => void news.push(one));
  await it.runs.accept("a", async () => ok(request("a")));
  await it.runs.accept("b", async () => ok(request("b")));
  await it.runs.idle("s");
  expect(news.map(({ event, payload }) => [event, payload.runId])).toEqual([
    ["agent", "a"],
    ["chat", "a"],
  ]);
});

test("what cannot be read is refused and leaves nothing behind", async () => {
  await using it = await bench(async () => ({ status: "completed" }));
  expect(await it.runs.accept("a", async () => refuse("not_found", "no such session"))).toMatchObject({
    ok: false,
  });
  expect(it.runs.size()).toBe(0);
  expect(await it.temporary.state.runs.find("a")).toBeUndefined();
});

test("a fault in a turn fails its run instead of leaving it open", async () => {
  await using it = await bench(async () => {
    throw new Error("boom");
  });
  await it.runs.accept("a", async () => ok(request("a")));
  const waited = await it.runs.wait("a", 5000, new AbortController().signal);
  expect(waited).toMatchObject({ kind: "ended", run: { status: "failed" } });
  expect(it.runs.isBusy("s")).toBe(false);
});

test("while it closes nothing is accepted, and what waits stays in the journal", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using it = await bench((job) => {
    job.controller.signal.addEventListener("abort", () => gate.resolve(undefined));
    return gate.promise;
  });
  await it.runs.accept("a", async () => ok(request("a")));
  await it.runs.accept("b", async () => ok(request("b")));
  await it.runs.close(1);
  expect(await it.runs.accept("c", async () => ok(request("c")))).toMatchObject({
    ok: false,
    code: "unavailable",
  });
  expect((await it.temporary.state.runs.unfinished()).map((run): string => run.id)).toEqual(["a", "b"]);
});

test("a wait ends when its caller is gone", async () => {
  const gate = Promise.withResolvers<undefined>();
  await using it = await bench(() => gate.promise);
  await it.runs.accept("a", async () => ok(request("a")));
  const caller = new AbortController();
  const waiting = it.runs.wait("a", 60_000, caller.signal);
  caller.abort();
  expect((await waiting).kind).toBe("timeout");
  gate.resolve(undefined);
});

test("interrupt: a turn that could take the new message in is not cancelled with it", async () => {
  const begun = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  const modes: PromiseWithResolvers<QueueMode>[] = [];
  const ends: string[] = [];
  await using it = await bench(
    async (job) => {
      await it.temporary.state.runs.begin(job.run.id, 1);
      begun.resolve();
      await sent.promise;
      const joined = await job.takeIn("start", () => true);
      const isAborted = job.controller.signal.aborted;
      ends.push(`${job.run.id}+${joined.length}${isAborted ? " cancelled" : ""}`);
      const outcome = { status: isAborted ? "cancelled" : "completed" } as const;
      await it.temporary.state.runs.finish(job.run.id, outcome, 1);
      return outcome;
    },
    undefined,
    () => {
      const mode = Promise.withResolvers<QueueMode>();
      modes.push(mode);
      // Whoever asks later is answered sooner: the second message's own question is the slowest.
      if (modes.length !== 2) mode.resolve("interrupt");
      return mode.promise;
    },
  );
  await it.runs.accept("a", async () => ok(request("a")));
  await begun.promise;
  const second = it.runs.accept("b", async () => ok(request("b")));
  while (modes.length < 2) await Promise.resolve();
  sent.resolve();
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
  modes[1]?.resolve("interrupt");
  await second;
  await it.runs.idle("s");
  expect(ends).toEqual(["a+0", "b+0"]);
});

test("who stops a session's runs waits for a message that is just being accepted, and stops it too", async () => {
  const asked = Promise.withResolvers<void>();
  const mode = Promise.withResolvers<QueueMode>();
  await using it = await bench(
    async (job) => {
      const outcome = { status: job.controller.signal.aborted ? "cancelled" : "completed" } as const;
      await it.temporary.state.runs.finish(job.run.id, outcome, 1);
      return outcome;
    },
    undefined,
    () => {
      asked.resolve();
      return mode.promise;
    },
  );
  const accepted = it.runs.accept("a", async () => ok(request("a")));
  await asked.promise;
  let isStopped = false;
  const stopped = stopRuns(it.runs, "s").then((result) => {
    isStopped = true;
    return result;
  });
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
  expect(isStopped).toBe(false);
  mode.resolve("collect");
  expect((await accepted).ok).toBe(true);
  expect(await stopped).toMatchObject({ ok: true });
  expect(await it.temporary.state.runs.unfinished()).toEqual([]);
});

test("a message is answered even if the queue mode of its session cannot be read", async () => {
  const answered: string[] = [];
  await using it = await bench(
    async (job) => {
      answered.push(job.run.id);
      return undefined;
    },
    undefined,
    () => Promise.reject(new Error("disk")),
  );
  expect(await it.runs.accept("a", async () => ok(request("a")))).toMatchObject({ ok: true });
  await it.runs.idle("s");
  expect(answered).toEqual(["a"]);
});
