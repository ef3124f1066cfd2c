import { ok, type Result, type RunId, refuse, textOf } from "@carapace/protocol";
import type { Run, RunJournal, RunOutcome } from "@carapace/state";
import type { Log } from "../log/log.ts";
import { createRunEvents, type RunEventsDeps } from "./events.ts";
import { createKeyedMutex } from "./keyed-mutex.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { readRunOptions } from "./options.ts";
import { recoverRuns } from "./recover.ts";
import type { Acceptance, ExecuteRun, RunJob, RunRequest, Runs, WaitOutcome } from "./types.ts";

/** How many messages may wait in one session; the next is refused (websocket.md §8). */
export const maxWaitingPerSession = 64;
const letGoMs = 2000;

export interface RunsDeps {
  readonly journal: RunJournal;
  readonly execute: ExecuteRun;
  readonly maxConcurrent: () => number;
  /** Runs before a message is accepted, while no turn of its session waits or runs (reset policy). */
  readonly prepare: (request: RunRequest) => Promise<void>;
  /** Adds what a request left open and its session has to remember. */
  readonly complete: (request: RunRequest) => Promise<RunRequest>;
  readonly events: RunEventsDeps;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly log: Log;
}

export function createRuns(deps: RunsDeps): Runs {
  const release = new AbortController();
  const lanes = createLanes({
    maxConcurrent: deps.maxConcurrent,
    start: (job) => runJob(job, deps, release.signal),
  });
  const accepting = new Map<string, Promise<unknown>>();
  const inTurn = createKeyedMutex();
  let isClosing = false;

  function enqueue(run: Run): RunJob {
    const job = createJob(run, deps);
    lanes.add(job);
    return job;
  }

  async function acceptNow(request: RunRequest): Promise<Result<Acceptance>> {
    if (isClosing)
      return refuse("unavailable", "the gateway is stopping; send the message again when it is back");
    const queue = lanes.of(request.sessionKey);
    if (queue.length > maxWaitingPerSession) {
      const known = await deps.journal.find(request.runId);
      if (known !== undefined) return ok({ kind: "duplicate", run: known });
      return refuse(
        "unavailable",
        `${maxWaitingPerSession} messages wait in this session already; try again later`,
      );
    }
    if (queue.length === 0) await deps.prepare(request);
    const accepted = await deps.journal.accept(toJournal(await deps.complete(request), deps));
    if (accepted.kind === "duplicate") return ok({ kind: "duplicate", run: accepted.run });
    const job = createJob(accepted.run, deps);
    if (request.options.announce) job.events.input(textOf(request.blocks));
    lanes.add(job);
    return ok({ kind: "accepted", run: accepted.run, session: accepted.session });
  }

  async function cancel(job: RunJob): Promise<void> {
    if (!lanes.withdraw(job)) return job.controller.abort("cancelled");
    const outcome: RunOutcome = { status: "cancelled" };
    await deps.journal.finish(job.run.id, outcome, deps.nowMs());
    job.events.end(outcome);
  }

  return {
    accept(runId, read) {
      const accepted = read().then((request) =>
        request.ok ? inTurn(request.value.sessionKey, () => acceptNow(request.value)) : request,
      );
      accepting.set(runId, accepted);
      return accepted.finally(() => {
        if (accepting.get(runId) === accepted) accepting.delete(runId);
      });
    },
    async abort(runId) {
      await accepting.get(runId)?.catch(() => undefined);
      const job = lanes.find(runId);
      if (job === undefined) return false;
      await cancel(job);
      return true;
    },
    async abortSession(sessionKey) {
      await Promise.allSettled(accepting.values());
      const jobs = lanes.of(sessionKey);
      // The waiting ones first: otherwise the next would start when the running one ends.
      for (const job of jobs.toReversed()) await cancel(job);
      return jobs.map((job): RunId => job.run.id);
    },
    wait: (runId, timeoutMs, signal) =>
      waitFor(runId, { lanes, accepting, journal: deps.journal, timeoutMs, signal }),
    isBusy: (sessionKey) => lanes.of(sessionKey).length > 0,
    async idle(sessionKey) {
      for (let jobs = lanes.of(sessionKey); jobs.length > 0; jobs = lanes.of(sessionKey))
        await jobs.at(-1)?.left;
    },
    size: () => lanes.size(),
    recover: () => recoverRuns({ journal: deps.journal, enqueue, log: deps.log }),
    async close(budgetMs) {
      isClosing = true;
      lanes.stop();
      await Promise.allSettled(accepting.values());
      await within(budgetMs, leftAll(lanes));
      release.abort("shutdown");
      for (const job of lanes.running()) job.controller.abort("shutdown");
      await within(letGoMs, leftAll(lanes));
    },
  };
}

function createJob(run: Run, deps: RunsDeps): RunJob {
  const options = readRunOptions(run.options);
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = createRunEvents(run, options, deps.events);
  return { run, options, events, controller: new AbortController(), left: promise, leave: resolve };
}

async function runJob(job: RunJob, deps: RunsDeps, release: AbortSignal): Promise<void> {
  try {
    const outcome = await deps.execute(job, release);
    if (outcome !== undefined && job.options.purpose !== "note") job.events.end(outcome);
  } catch (error) {
    deps.log.error("a run could not be carried out", { runId: job.run.id, error });
    await failRun(job, deps);
  }
}

async function failRun(job: RunJob, deps: RunsDeps): Promise<void> {
  const outcome: RunOutcome = {
    status: "failed",
    error: "The turn failed inside the gateway; its log says why.",
  };
  try {
    await deps.journal.finish(job.run.id, outcome, deps.nowMs());
  } catch (error) {
    // Unfinished in the journal (a full disk, say), it is taken up again at the next start.
    deps.log.error("a failed run could not be ended", { runId: job.run.id, error });
  }
  job.events.end(outcome);
}

function toJournal(request: RunRequest, deps: RunsDeps) {
  const nowMs = deps.nowMs();
  return {
    runId: request.runId,
    sessionKey: request.sessionKey,
    metadata: request.metadata,
    input: {
      id: deps.newId(),
      role: "user",
      blocks: request.blocks,
      createdAtMs: nowMs,
      runId: request.runId,
    },
    options: { ...request.options },
    nowMs,
  } as const;
}

interface Waiting {
  readonly lanes: Lanes;
  readonly accepting: ReadonlyMap<string, Promise<unknown>>;
  readonly journal: RunJournal;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

async function waitFor(runId: string, waiting: Waiting): Promise<WaitOutcome> {
  await waiting.accepting.get(runId)?.catch(() => undefined);
  await within(waiting.timeoutMs, waiting.lanes.find(runId)?.left, waiting.signal);
  const run = await waiting.journal.find(runId);
  if (run === undefined) return { kind: "timeout" };
  return { kind: run.endedAtMs === undefined ? "timeout" : "ended", run };
}

function leftAll(lanes: Lanes): Promise<unknown> {
  return Promise.all(lanes.running().map((job) => job.left));
}

/** Waits for a promise, but no longer than that, and not after the signal fired. */
async function within(
  ms: number,
  promise: Promise<unknown> | undefined,
  signal?: AbortSignal,
): Promise<void> {
  if (promise === undefined) return;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => resolve();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) resolve();
  await Promise.race([promise, over]);
  clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
}
