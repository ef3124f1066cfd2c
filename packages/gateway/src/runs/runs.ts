import { type Block, ok, type Result, type RunId, refuse, textOf } from "@carapace/protocol";
import type { Run, RunJournal, RunOutcome } from "@carapace/state";
import type { Log } from "../log/log.ts";
import { endsWithin } from "../wait.ts";
import { type EndLaterDeps, endLater, mayPass } from "./end-later.ts";
import { createRunEvents, type RunEventsDeps } from "./events.ts";
import type { RunFeed } from "./feed.ts";
import { createKeyedMutex } from "./keyed-mutex.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { readRunOptions } from "./options.ts";
import { interruptFor, interrupts, type QueueMode, takeInWaiting } from "./queue.ts";
import { recoverRuns } from "./recover.ts";
import type { Acceptance, ExecuteRun, RunJob, RunRequest, Runs, WaitOutcome } from "./types.ts";
import { createWaitingBudget, type Place, type WaitingLimits, waitingLimits } from "./waiting-budget.ts";

/** How many messages may wait in one session; the next is refused (websocket.md §8). */
export const maxWaitingPerSession = 64;
const letGoMs = 2000;

export interface RunsDeps extends Pick<EndLaterDeps, "endAgainMs"> {
  readonly journal: RunJournal;
  readonly execute: ExecuteRun;
  readonly maxConcurrent: () => number;
  /** Runs before a message is accepted, while no turn of its session waits or runs (reset policy). */
  readonly prepare: (request: RunRequest) => Promise<void>;
  /** Adds what a request left open and its session has to remember. */
  readonly complete: (request: RunRequest) => Promise<RunRequest>;
  readonly events: Omit<RunEventsDeps, "publish">;
  readonly feed: RunFeed;
  /** What becomes of messages that arrive while a turn of this session runs. */
  readonly queueMode: (sessionId: string) => Promise<QueueMode>;
  /** Instead of the gateway's own limits. */
  readonly waiting?: WaitingLimits;
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
  const budget = createWaitingBudget(deps.waiting ?? waitingLimits);
  let isClosing = false;

  function jobOf(run: Run, place: Place): RunJob {
    const takeIn: RunJob["takeIn"] = (moment, fits) =>
      takeInWaiting(job, { moment, fits }, { ...deps, lanes, modeOf: deps.queueMode });
    const job = createJob(run, { place, takeIn }, deps);
    return job;
  }

  function readmit(run: Run): void {
    lanes.add(jobOf(run, budget.readmit(sizeOf(run.input.blocks, run.options))));
  }

  /** @param why What to say to a message that is not known yet. */
  async function duplicateOr(request: RunRequest, why: string): Promise<Result<Acceptance>> {
    const known = await deps.journal.find(request.runId);
    return known === undefined ? refuse("unavailable", why) : ok({ kind: "duplicate", run: known });
  }

  async function acceptNow(request: RunRequest): Promise<Result<Acceptance>> {
    if (isClosing)
      return refuse("unavailable", "the gateway is stopping; send the message again when it is back");
    if (lanes.of(request.sessionKey).length > maxWaitingPerSession) {
      const why = `${maxWaitingPerSession} messages wait in this session already; try again later`;
      return await duplicateOr(request, why);
    }
    const place = budget.enter(sizeOf(request.blocks, request.options));
    if (place === undefined) {
      return await duplicateOr(request, "too many messages wait for their turn; try again later");
    }
    const accepted = await acceptInto(place, request).catch((error: unknown) => {
      place.free();
      throw error;
    });
    if (accepted.kind === "duplicate") place.free();
    return ok(accepted);
  }

  async function acceptInto(place: Place, request: RunRequest): Promise<Acceptance> {
    if (lanes.of(request.sessionKey).length === 0) await deps.prepare(request);
    const accepted = await deps.journal.accept(toJournal(await deps.complete(request), deps));
    if (accepted.kind === "duplicate") return { kind: "duplicate", run: accepted.run };
    const job = jobOf(accepted.run, place);
    if (request.options.announce) job.events.input(textOf(request.blocks));
    const isInterrupting = await interrupts(job, request.options, { ...deps, modeOf: deps.queueMode });
    lanes.add(job);
    // In one go: a turn that took the message in meanwhile would be cancelled with it, and nothing would answer.
    if (isInterrupting) interruptFor(job, lanes);
    return { kind: "accepted", run: accepted.run, session: accepted.session };
  }

  async function cancel(job: RunJob): Promise<void> {
    if (!lanes.withdraw(job)) return job.controller.abort("cancelled");
    const outcome: RunOutcome = { status: "cancelled" };
    // Otherwise another turn has just taken it in, and tells so.
    if (await deps.journal.finish(job.run.id, outcome, deps.nowMs())) job.events.end(outcome);
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
    follow: (runId, listener) => deps.feed.follow(runId, listener),
    isBusy: (sessionKey) => lanes.of(sessionKey).length > 0,
    async idle(sessionKey) {
      for (let jobs = lanes.of(sessionKey); jobs.length > 0; jobs = lanes.of(sessionKey))
        await jobs.at(-1)?.left;
    },
    size: () => lanes.size(),
    recover: () => recoverRuns({ journal: deps.journal, readmit, log: deps.log }),
    async close(budgetMs) {
      isClosing = true;
      lanes.stop();
      await Promise.allSettled(accepting.values());
      await endsWithin(budgetMs, leftAll(lanes));
      release.abort("shutdown");
      for (const job of lanes.running()) job.controller.abort("shutdown");
      await endsWithin(letGoMs, leftAll(lanes));
    },
  };
}

function createJob(
  { id, sessionId, sessionKey, options }: Run,
  own: Pick<RunJob, "place" | "takeIn">,
  deps: RunsDeps,
): RunJob {
  const run = { id, sessionId, sessionKey };
  const { purpose, stream } = readRunOptions(options);
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const events = createRunEvents(run, { stream }, { ...deps.events, publish: deps.feed.publish });
  return { run, purpose, events, ...own, controller: new AbortController(), left, leave };
}

/** About what the journal keeps of it. */
function sizeOf(blocks: readonly Block[], options: object): number {
  return Buffer.byteLength(JSON.stringify([blocks, options]));
}

async function runJob(job: RunJob, deps: RunsDeps, release: AbortSignal): Promise<void> {
  try {
    const outcome = await deps.execute(job, release);
    if (outcome !== undefined && job.purpose !== "note") job.events.end(outcome);
    if (outcome?.status === "failed" && isOfJob.test(job.run.id))
      await endIfOpen(job, outcome, { deps, release });
  } catch (error) {
    deps.log.error("a run could not be carried out", { runId: job.run.id, error });
    await failRun(job, deps, release);
  }
}

/** Runs of tasks and schedules, which wait for the end and try again by themselves. */
const isOfJob = /^(task|cron):/;

/** A turn that could not be saved leaves its run open for the next start; whoever tries again waits for its end before. */
async function endIfOpen(
  { run: { id: runId } }: RunJob,
  outcome: RunOutcome,
  { deps, release }: { readonly deps: RunsDeps; readonly release: AbortSignal },
): Promise<void> {
  const run = await deps.journal.find(runId);
  if (run?.endedAtMs === undefined) void endLater({ runId, outcome, signal: release }, deps);
}

async function failRun(job: RunJob, deps: RunsDeps, release: AbortSignal): Promise<void> {
  const outcome: RunOutcome = {
    status: "failed",
    error: "The turn failed inside the gateway; its log says why.",
  };
  try {
    await deps.journal.finish(job.run.id, outcome, deps.nowMs());
  } catch (error) {
    // Unfinished in the journal, it is taken up again at the next start, or ended when a full disk has place again.
    deps.log.error("a failed run could not be ended", { runId: job.run.id, error });
    if (mayPass(error)) void endLater({ runId: job.run.id, outcome, signal: release }, deps);
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
  const job = waiting.lanes.find(runId);
  if (job !== undefined) await endsWithin(waiting.timeoutMs, job.left, waiting.signal);
  const run = await waiting.journal.find(runId);
  if (run === undefined) return { kind: "timeout" };
  return { kind: run.endedAtMs === undefined ? "timeout" : "ended", run };
}

function leftAll(lanes: Lanes): Promise<unknown> {
  return Promise.all(lanes.running().map((job) => job.left));
}
