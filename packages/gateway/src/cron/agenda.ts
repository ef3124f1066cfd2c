import type { CronJob, CronRun } from "@carapace/state";
import { readJob } from "./job.ts";

/** A turn that runs. */
interface Active {
  readonly run: CronRun;
  /** Its job came due again meanwhile. */
  isOverlapped: boolean;
}

/** What is due when, what runs, and what waits for a place: in memory, made anew at each start. */
export interface Agenda {
  /** The job as it is stored now; undefined if it is gone. */
  see(id: string, job: CronJob | undefined): void;
  /** When something has to be done next. */
  first(): number | undefined;
  /** What is due, the longest due first. */
  dueAt(nowMs: number): readonly string[];
  isDue(id: string, nowMs: number): boolean;
  /** Every planned job. */
  planned(): readonly string[];
  readonly active: Map<string, Active>;
  /** Due jobs that wait for a place. */
  readonly waiting: Set<string>;
  /** Since when a due job waits, for a place or after a fault: from then on it is not late. */
  readonly waitingSince: Map<string, number>;
  /** A fault kept the job from beginning: it is tried again then. */
  postpone(id: string, untilMs: number): void;
}

export function createAgenda(): Agenda {
  const due = new Map<string, number>();
  const active: Agenda["active"] = new Map();
  const waiting: Agenda["waiting"] = new Set();
  const waitingSince: Agenda["waitingSince"] = new Map();
  return {
    ...{ active, waiting, waitingSince },
    postpone: (id, untilMs) => void due.set(id, untilMs),
    see(id, job) {
      const at = job?.enabled && readJob(job) !== undefined ? job.state.nextRunAtMs : undefined;
      if (at !== undefined) due.set(id, at);
      else if (due.delete(id)) {
        waiting.delete(id);
        waitingSince.delete(id);
      }
    },
    first() {
      let first: number | undefined;
      for (const [id, atMs] of due) {
        if (active.get(id)?.isOverlapped || waiting.has(id)) continue;
        if (first === undefined || atMs < first) first = atMs;
      }
      return first;
    },
    dueAt: (nowMs) =>
      [...due]
        .filter(([, atMs]) => atMs <= nowMs)
        .sort(([, a], [, b]) => a - b)
        .map(([id]) => id),
    isDue: (id, nowMs) => (due.get(id) ?? Number.POSITIVE_INFINITY) <= nowMs,
    planned: () => [...due.keys()],
  };
}
