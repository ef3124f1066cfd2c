import { unreachable } from "@carapace/protocol";
import { backOffMs } from "./back-off.ts";
import { moreOf, spent } from "./budget.ts";
import type { BlockedReason, Decision, TaskRecord } from "./record.ts";
import { blocked, ended, gaveUp, waiting } from "./steps.ts";

/** How one attempt at a task ended. */
export type AttemptEnd =
  /** Its run came to its end, or its event was told. */
  | { readonly kind: "completed" }
  /** It may work another time. `isProgress`: it got somewhere, so that this is no failure. */
  | { readonly kind: "again"; readonly say: string; readonly isProgress?: boolean }
  /** It never began: the attempt does not count. */
  | { readonly kind: "returned"; readonly afterMs: number; readonly say: string }
  /** It will not work as it is. */
  | { readonly kind: "failed"; readonly say: string }
  | { readonly kind: "blocked"; readonly reason: BlockedReason; readonly say: string }
  | { readonly kind: "undelivered"; readonly say: string }
  | { readonly kind: "cancelled"; readonly say: string };

export interface Settling {
  readonly runId: string;
  readonly end: AttemptEnd;
  readonly nowMs: number;
  /** 0 ≤ x < 1 */
  readonly random: number;
  /** What all its runs have used, as far as that is known. */
  readonly usage?: TaskRecord["usage"];
}

/** running → wherever the attempt's end leads; undefined if the task has changed meanwhile: then it does not count. */
export function settled(task: TaskRecord, settling: Settling): TaskRecord | undefined {
  if (task.state !== "running" || task.runIds.at(-1) !== settling.runId) return undefined;
  const known = { ...task, usage: moreOf(task.usage, settling.usage), operatorNote: undefined };
  const { end, nowMs } = settling;
  switch (end.kind) {
    case "completed":
      return concluded(known, settling);
    case "again":
      // What it decided in its last turns counts more than that there were no more of them.
      if (end.isProgress === true && task.decision !== undefined) return concluded(known, settling);
      return again(known, { ...settling, ...end });
    case "returned":
      return returned(task, end, nowMs);
    case "failed":
    case "cancelled":
      return ended(known, end.kind, { nowMs, say: end.say });
    case "blocked":
      return blocked(known, end.reason, { nowMs, say: end.say });
    case "undelivered":
      return { ...blocked(known, "delivery_failure", { nowMs, say: end.say }), undelivered: settling.runId };
    default:
      return unreachable(end);
  }
}

/** What the assistant said of its task decides; where it said nothing, a completed run is a done task. */
function concluded(task: TaskRecord, { nowMs }: Settling): TaskRecord {
  const decision: Decision = task.decision ?? { kind: "done", summary: "" };
  switch (decision.kind) {
    case "done": {
      const summary = decision.summary === "" ? task.summary : decision.summary;
      return { ...ended(task, "done", { nowMs, say: null }), summary, failures: undefined };
    }
    case "continue": {
      const waiting = { ...task, failures: undefined, lastError: decision.note ?? null };
      return onceMore(waiting, { nowMs, atMs: Math.max(nowMs, decision.atMs), say: waiting.lastError });
    }
    case "blocked":
      return blocked(task, decision.reason, { nowMs, say: decision.note });
    default:
      return unreachable(decision);
  }
}

interface Again {
  readonly nowMs: number;
  readonly random: number;
  readonly say: string;
  readonly isProgress?: boolean;
}

function again(task: TaskRecord, { nowMs, random, say, isProgress }: Again): TaskRecord {
  const failures = isProgress === true ? 1 : (task.failures ?? 0) + 1;
  return onceMore({ ...task, failures }, { nowMs, atMs: nowMs + backOffMs(failures, random), say });
}

/** running → retry_wait, or → failed where there is no further attempt. */
function onceMore(
  task: TaskRecord,
  {
    nowMs,
    atMs,
    say,
  }: { readonly nowMs: number; readonly atMs: number; readonly say: string | null | undefined },
): TaskRecord {
  const why = spent(task, nowMs);
  if (why === undefined) return waiting(task, { nowMs, atMs, say: say ?? null });
  return ended(task, "failed", { nowMs, say: gaveUp(why, say) });
}

function returned(
  task: TaskRecord,
  { afterMs, say }: { afterMs: number; say: string },
  nowMs: number,
): TaskRecord {
  const before = { ...task, attempts: task.attempts - 1, runIds: task.runIds.slice(0, -1) };
  return waiting(before, { nowMs, atMs: nowMs + afterMs, say });
}
