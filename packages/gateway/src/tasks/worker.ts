import type { State } from "@carapace/state";
import type { Log } from "../log/log.ts";
import { createAlarm } from "./alarm.ts";
import type { AttemptDeps } from "./attempt.ts";
import { createAttendance } from "./attendance.ts";
import type { Dependents } from "./dependents.ts";
import { queue, type TaskRecord } from "./record.ts";
import { claimed, leased } from "./rules.ts";
import { hasEnded } from "./steps.ts";
import type { TaskStore } from "./store.ts";

export interface WorkerDeps extends AttemptDeps {
  readonly tasks: Pick<State["tasks"], "nextDueAtMs">;
  readonly store: TaskStore;
  readonly dependents: Dependents;
  /** How many may run at the same time. */
  readonly maxParallel: () => number;
  /** Names this process in leases. */
  readonly owner: string;
  /** True while no other process can work on this state: leases are then those of processes that are gone. */
  readonly isAlone: boolean;
  readonly random: () => number;
  readonly log: Log;
  /** How long a lease lasts; renewed when a third of it is over. */
  readonly leaseMs?: number;
}

/** Carries tasks out. It sleeps until one is made, the next is due, or a run ends: nothing ticks while there is nothing to do. */
export interface TaskWorker extends AsyncDisposable {
  /** Something may be due now. Never throws. */
  wake(): void;
  /** Lets go of a task that was cancelled, and stops its run. */
  stop(task: TaskRecord): Promise<void>;
  /** Until nothing is carried out, and nothing is due. */
  idle(): Promise<void>;
}

const usualLeaseMs = 60_000;
/** Where a due task cannot be taken (its record is damaged), it is not asked for all the time. */
const minSleepMs = 1000;

export function createTaskWorker(deps: WorkerDeps): TaskWorker {
  const { store, nowMs, owner, leaseMs = usualLeaseMs } = deps;
  const lease = () => ({ owner, untilMs: nowMs() + leaseMs });
  /** Tasks may be `running` that nobody here carries out: at the start, those of an earlier process. */
  let hasStrays = true;

  const alarm = createAlarm({ look, log: deps.log });
  const attendance = createAttendance({
    ...{ ...deps, lease, leaseMs },
    onFree: () => alarm.wake(),
    onStray: () => {
      hasStrays = true;
    },
  });

  async function look(): Promise<number | undefined> {
    const foreignMs = hasStrays || !deps.isAlone ? await takeOver() : undefined;
    while (attendance.working() < Math.max(1, deps.maxParallel())) {
      const task = await store.claim(nowMs(), (due) => claimed(due, nowMs(), lease()));
      if (task === undefined) return least(foreignMs, await untilNextDueMs());
      if (task.state === "running") attendance.attend(task);
      else if (hasEnded(task)) await deps.dependents.ended(task.id);
    }
    return foreignMs;
  }

  async function untilNextDueMs(): Promise<number | undefined> {
    const dueAtMs = await deps.tasks.nextDueAtMs(queue);
    return dueAtMs === undefined ? undefined : Math.max(minSleepMs, dueAtMs - nowMs());
  }

  /** Goes on with what a process that is gone had begun. @returns how long another's lease still lasts. */
  async function takeOver(): Promise<number | undefined> {
    hasStrays = false;
    let untilMs: number | undefined;
    for (const task of await store.list("running")) {
      const runId = task.runIds.at(-1);
      if (runId !== undefined && attendance.has(runId)) continue;
      const mine = await store.update(task.id, (now) => takenOver(now, runId));
      if (mine !== undefined) attendance.attend(mine);
      else untilMs = least(untilMs, task.lease?.untilMs);
    }
    return untilMs === undefined ? undefined : Math.max(minSleepMs, untilMs - nowMs());
  }

  function takenOver(task: TaskRecord, runId: string | undefined): TaskRecord | undefined {
    if (task.runIds.at(-1) !== runId) return undefined;
    return leased(deps.isAlone ? { ...task, lease: undefined } : task, lease(), nowMs());
  }

  return {
    wake: () => alarm.wake(),
    async stop(task) {
      const runId = task.runIds.at(-1);
      if (runId !== undefined) {
        attendance.letGo(runId);
        await deps.runs.abort(runId);
      }
      if (hasEnded(task) && (await deps.dependents.ended(task.id))) alarm.wake();
    },
    async idle() {
      await alarm.asleep();
      while (attendance.working() > 0) {
        await attendance.none();
        await alarm.asleep();
      }
    },
    async [Symbol.asyncDispose]() {
      await alarm[Symbol.asyncDispose]();
      await attendance[Symbol.asyncDispose]();
    },
  };
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
