import { JobPayload, ok, payloadFault, type Result, refuse } from "@carapace/protocol";
import { firstIssue } from "../http/first-issue.ts";
import type { TaskRecord } from "./record.ts";

/**
 * What a task shall do, checked (agent.md §12, §13). The same rules hold when it is made, when it is changed, and when
 * it begins: an imported one may never have been checked.
 */
export function readPayload(payload: unknown, policy: TaskRecord["policy"]): Result<JobPayload> {
  const parsed = JobPayload.safeParse(payload);
  if (!parsed.success) return refuse("invalid_request", `invalid payload: ${firstIssue(parsed.error)}`);
  const problem = problemOf(parsed.data, policy.maxRunTimeoutSeconds);
  return problem === undefined ? ok(parsed.data) : refuse("invalid_request", `invalid payload: ${problem}`);
}

function problemOf(payload: JobPayload, maxSeconds: number): string | undefined {
  const fault = payloadFault(payload);
  if (fault !== undefined || payload.kind === "systemEvent") return fault;
  const { timeoutSeconds, deliver, channel, to } = payload;
  if (timeoutSeconds !== undefined && timeoutSeconds > maxSeconds)
    return `timeoutSeconds is larger than policy.maxRunTimeoutSeconds (${maxSeconds})`;
  if (deliver === true && (channel === undefined || to === undefined)) return "deliver needs channel and to";
  return undefined;
}
