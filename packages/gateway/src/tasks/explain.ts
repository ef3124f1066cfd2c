import { unreachable } from "@carapace/protocol";
import type { BlockedReason, TaskRecord } from "./record.ts";

const reasons: Readonly<Record<BlockedReason, string>> = {
  approval_required: "it needs your approval",
  config_missing: "something is not configured",
  delivery_failure: "its reply could not be delivered",
  external_dependency: "it needs something from outside",
  operator_action_required: "it needs you to do something",
  unknown: "the reason is not known",
};

/** How a task stands and what happens next, for a person. Pure. */
export function explain(task: TaskRecord): string {
  const { state, attempts, blockedReason = "unknown", summary } = task;
  const said = withoutStop(task.lastError ?? "");
  const why = said === "" ? "" : `: ${said}`;
  switch (state) {
    case "queued":
      return waitingFor(task) ?? `Begins ${until(task)}.`;
    case "running":
      return `Attempt ${attempts} is running.`;
    case "retry_wait":
      return waitingFor(task) ?? `Attempt ${attempts + 1} begins ${until(task)}${why}.`;
    case "blocked":
      return `Waits for you: ${said === "" ? reasons[blockedReason] : said}. Once that is settled: cara task resume.`;
    case "done":
      return summary === undefined ? `Done after ${times(attempts)}.` : `Done: ${summary}`;
    case "failed":
      return `Failed after ${times(attempts)}${why}. To try again: cara task retry; cara task update raises a limit.`;
    case "cancelled":
      return `Cancelled${why}.`;
    default:
      return unreachable(state);
  }
}

function waitingFor({ waitingFor: ids }: TaskRecord): string | undefined {
  return ids === undefined ? undefined : `Waits until these are done: ${ids.join(", ")}.`;
}

function until({ nextRunAtMs }: TaskRecord): string {
  if (nextRunAtMs === null || nextRunAtMs === undefined) return "as soon as there is a place for it";
  const at = new Date(nextRunAtMs);
  // A number that is no time: an imported file may hold any.
  return Number.isNaN(at.getTime()) ? "some time" : `at ${at.toISOString()}`;
}

function times(attempts: number): string {
  return attempts === 1 ? "one attempt" : `${attempts} attempts`;
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.+$/, "");
}
