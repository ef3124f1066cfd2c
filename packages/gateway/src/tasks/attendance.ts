import { StateError } from "@carapace/state";
import type { Log } from "../log/log.ts";
import { wait } from "../wait.ts";
import { type AttemptDeps, type Attempted, type AttemptFacts, attempt, wasCancelled } from "./attempt.ts";
import type { Dependents } from "./dependents.ts";
import type { TaskRecord } from "./record.ts";
import { leased } from "./rules.ts";
import { settled } from "./settle.ts";
import { hasEnded } from "./steps.ts";
import type { TaskStore } from "./store.ts";

export interface AttendanceDeps extends AttemptDeps {
  readonly store: TaskStore;
  readonly dependents: Dependents;
  readonly random: () => number;
  readonly lease: () => NonNullable<TaskRecord["lease"]>;
  readonly leaseMs: number;
  /** A place is free, or a task has become what others wait for. */
  readonly onFree: () => void;
  /** A task is still `running`, and nobody carries it out any more. */
  readonly onStray: () => void;
  readonly log: Log;
}

/** The tasks this process carries out, from the claim to the end of the attempt. */
export interface Attendance extends AsyncDisposable {
  /** Carries out its attempt, in the background. Never throws. */
  attend(task: TaskRecord): void;
  has(runId: string): boolean;
  /** How many have a run that has not ended. */
  working(): number;
  /** Its task was cancelled: waits no longer for its end. */
  letGo(runId: string): void;
  /** Until there is none. */
  none(): Promise<void>;
}

const faultWaitMs = 30_000;
const unclear = "it could not be carried out; the gateway's log says why";

export function createAttendance(deps: AttendanceDeps): Attendance {
  const { store, nowMs, log } = deps;
  const closing = new AbortController();
  /** By run: a task may be sent on its way again before all is tidied up behind its last attempt. */
  const attended = new Map<
    string,
    { readonly taskId: string; readonly stop: AbortController; isWorking: boolean }
  >();
  const pending = new Set<Promise<void>>();
  let renewal: ReturnType<typeof setInterval> | undefined;

  function attend(task: TaskRecord): void {
    const runId = task.runIds.at(-1);
    if (runId === undefined || closing.signal.aborted) return;
    // Its attempt was given back and is here again before it was quite gone: it is found when it is.
    if (attended.has(runId)) {
      deps.onStray();
      return;
    }
    const entry = { taskId: task.id, stop: new AbortController(), isWorking: true };
    attended.set(runId, entry);
    renewal ??= setInterval(() => void renewAll(), deps.leaseMs / 3).unref();
    const onRunEnded = () => {
      entry.isWorking = false;
      deps.onFree();
    };
    const signal = AbortSignal.any([closing.signal, entry.stop.signal]);
    const done = carryOut({ task, runId, signal, onRunEnded }).finally(() => {
      attended.delete(runId);
      pending.delete(done);
      if (attended.size === 0) stopRenewal();
      deps.onFree();
    });
    pending.add(done);
  }

  async function carryOut(facts: AttemptFacts): Promise<void> {
    const { task, runId } = facts;
    try {
      const attempted = await tried(facts);
      if (attempted !== undefined) await settle(task.id, runId, attempted);
    } catch (error) {
      if (closing.signal.aborted) return;
      // Nothing could be read or stored: what was done keeps its id, so that it can be gone on with.
      log.error("a task could not be gone on with", { taskId: task.id, runId, error });
      await wait(faultWaitMs, closing.signal);
      deps.onStray();
    }
  }

  async function tried(facts: AttemptFacts): Promise<Attempted | undefined> {
    try {
      return await attempt(facts, deps);
    } catch (error) {
      if (error instanceof StateError || closing.signal.aborted) throw error;
      log.error("an attempt at a task failed", { taskId: facts.task.id, runId: facts.runId, error });
      return { end: { kind: "again", say: unclear } };
    }
  }

  async function settle(id: string, runId: string, attempted: Attempted): Promise<void> {
    const facts = { runId, ...attempted, nowMs: nowMs(), random: deps.random() };
    const task = await store.update(id, (now) => settled(now, facts));
    if (task === undefined) return;
    const { state, attempts, lastError } = task;
    log.info(`task ${state}`, { taskId: id, attempts, ...(lastError && { say: lastError }) });
    if (hasEnded(task)) await deps.dependents.ended(id);
  }

  async function renewAll(): Promise<void> {
    try {
      for (const { taskId } of attended.values())
        await store.update(taskId, (task) => leased(task, deps.lease(), nowMs()));
    } catch (error) {
      log.error("a task's lease could not be renewed", { error });
    }
  }

  function stopRenewal(): void {
    clearInterval(renewal);
    renewal = undefined;
  }

  return {
    attend,
    has: (runId) => attended.has(runId),
    working: () => [...attended.values()].filter(({ isWorking }) => isWorking).length,
    letGo: (runId) => attended.get(runId)?.stop.abort(wasCancelled),
    async none() {
      while (pending.size > 0) await Promise.all(pending);
    },
    async [Symbol.asyncDispose]() {
      closing.abort("closing");
      stopRenewal();
      await Promise.all(pending);
    },
  };
}
