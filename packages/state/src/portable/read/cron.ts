import { isRecord } from "@carapace/protocol";
import { cronJob } from "../../cron/types.ts";
import { parseJson } from "../../database/stored.ts";
import { maxBytes } from "../paths.ts";
import { parseAll } from "./parsed.ts";
import { corrupt, note, type SmallStore } from "./small.ts";

const schedules = new Set(["at", "every", "cron"]);
const payloads = new Set(["systemEvent", "agentTurn"]);

/** The scheduled jobs (state.md §4): kinds of later versions are kept and never fire. */
export const cronStore: SmallStore = {
  path: "cron/jobs.json",
  store: "cron",
  maxBytes: maxBytes.cron,
  *read(text, context) {
    const list = parseJson(text);
    if (!Array.isArray(list)) return yield corrupt(context, "The file is not a list of jobs.");
    const { records, problems } = parseAll(
      context,
      list.map((job) => settled(job, context.trustsAll === true)),
      {
        schema: cronJob(),
        what: "a job",
        idOf: (job) => job.id,
      },
    );
    yield* problems;
    for (const job of records) {
      const isKnown = schedules.has(job.schedule.kind) && payloads.has(job.payload.kind);
      if (!isKnown)
        yield note(context, `The job "${job.name}" is of an unknown kind: it is kept, but never runs.`);
    }
    yield { kind: "cron", file: context.file, jobs: records };
  },
};

/** Nothing runs any more that ran when the file was written; and nobody says of their own text that it is the owner's. */
function settled(given: unknown, trustsAll: boolean): unknown {
  if (!isRecord(given)) return given;
  const { origin, ...unlabelled } = given;
  const job = trustsAll && origin !== undefined ? given : unlabelled;
  const { runningAtMs: _was, ...state } = isRecord(job["state"]) ? withoutNulls(job["state"]) : {};
  return { ...job, state };
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
