import { createHash } from "node:crypto";
import { isRecord } from "@carapace/protocol";
import type { CronJob } from "@carapace/state";
import type { PortableItem } from "@carapace/state/portable";
import { stableId } from "../ids.ts";
import { problem } from "../problems.ts";
import { shortLine } from "../text.ts";
import { isWhole } from "../whole.ts";
import { readPayload } from "./payload.ts";
import { readSchedule, type ScheduleContext } from "./schedule.ts";

export interface JobContext extends ScheduleContext {
  /** The file the jobs are in, for reports. */
  readonly path: string;
  /** The source's agent that answers where nobody names one. */
  readonly defaultAgentId: string;
}

/** Jobs that the program makes for itself: their key begins like this. */
const ownKeys = /^(?:heartbeat|memory-core|skill-collection-review|core|system)[:.-]/;

/**
 * Pure. A job as it comes in: switched off, under an id that is its own for ever, so that it comes once.
 * @returns the job and what is to be known of it; or why it does not come
 */
export function readJob(given: unknown, context: JobContext): readonly PortableItem[] {
  const job = isRecord(given) ? given : {};
  const { id, declarationKey } = job;
  const at = { store: "cron", path: `${context.path}#${typeof id === "string" ? id : "?"}` } as const;
  if (typeof id !== "string" || id === "" || id.length > 255)
    return [problem("corrupt", at, "The job has no id.")];
  const name =
    shortLine([job["displayName"], job["name"]].find((one) => typeof one === "string") ?? "", 80) || id;
  const skipped = (why: string) => [problem("skipped", at, `The job "${name}" ${why}.`)];
  if (typeof declarationKey === "string" && ownKeys.test(declarationKey))
    return skipped("is one that the program makes for itself");
  const schedule = readSchedule(job["schedule"], context);
  if (!schedule.ok) return skipped(schedule.say);
  const payload = readPayload(job);
  if (!payload.ok) return skipped(payload.say);
  const kept: CronJob = {
    ...fieldsOf(job, { id: stableId("job", id), name }, context),
    schedule: { ...schedule.value.schedule },
    payload: { ...payload.value.payload },
  };
  const notes = [schedule.value.note, ...payload.value.notes].filter((note) => note !== undefined);
  const sha256 = createHash("sha256").update(JSON.stringify(kept)).digest("hex");
  return [
    { kind: "cron", file: { path: shortLine(at.path, 500), sha256 }, jobs: [kept] },
    ...notes.map((note) => problem("note", at, `The job "${name}": ${note}.`)),
  ];
}

function fieldsOf(
  job: Readonly<Record<string, unknown>>,
  { id, name }: { readonly id: string; readonly name: string },
  { nowMs, defaultAgentId }: JobContext,
) {
  const { createdAtMs, agentId, description, deleteAfterRun, sessionTarget, wakeMode } = job;
  // The same each time: a job is known again by what it says.
  const madeAtMs = isWhole(createdAtMs) && createdAtMs >= 0 && createdAtMs <= nowMs ? createdAtMs : 0;
  const ofAgent = typeof agentId === "string" && agentId !== "" && agentId !== defaultAgentId;
  return {
    ...{ id, name, enabled: false, createdAtMs: madeAtMs, updatedAtMs: madeAtMs },
    ...(ofAgent ? { agentId: shortLine(agentId, 64) } : {}),
    ...(typeof description === "string" ? { description: shortLine(description, 1000) } : {}),
    ...(deleteAfterRun === true ? { deleteAfterRun } : {}),
    sessionTarget: sessionTarget === "main" ? "main" : "isolated",
    wakeMode: wakeMode === "next-heartbeat" ? "next-heartbeat" : "now",
    state: {},
  };
}
