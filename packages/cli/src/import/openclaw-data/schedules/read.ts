import { isRecord, parseJson } from "@carapace/protocol";
import type { PortableItem } from "@carapace/state/portable";
import { problem } from "../problems.ts";
import { openDatabase, unknownLayout } from "../source/database.ts";
import type { SourceFolder } from "../source/folder.ts";
import { type JobContext, readJob } from "./job.ts";

const maxJobsBytes = 16 * 1024 * 1024;
const maxJobs = 10_000;
const place = { folder: "state", name: "openclaw.sqlite" } as const;

export interface SchedulesContext extends Omit<JobContext, "path"> {
  readonly signal: AbortSignal;
}

/** The schedules of a state directory: in its database, or in the file of older versions. A job that is in both comes once. */
export async function* schedules(
  root: SourceFolder,
  context: SchedulesContext,
): AsyncGenerator<PortableItem> {
  let count = 0;
  const seen = new Set<string>();
  for await (const { path, job, problem: wrong } of jobsOf(root, context)) {
    if (wrong !== undefined) yield wrong;
    const id = isRecord(job) && typeof job["id"] === "string" ? job["id"] : undefined;
    if (job === undefined || (id !== undefined && seen.has(id))) continue;
    if (id !== undefined) seen.add(id);
    for (const item of readJob(job, { ...context, path })) {
      if (item.kind === "cron") count += 1;
      yield item;
    }
  }
  if (count === 0) return;
  const say =
    "Schedules arrive switched off. Read what each of them does (cara cron list JOB), then switch it on: cara cron edit JOB --enabled";
  yield problem("note", { store: "cron", path: "cron" }, say);
}

interface Found {
  readonly path: string;
  readonly job?: unknown;
  readonly problem?: PortableItem;
}

async function* jobsOf(root: SourceFolder, { signal }: SchedulesContext): AsyncGenerator<Found> {
  yield* await inDatabase(root, signal);
  yield* inFile(root);
}

async function inDatabase(root: SourceFolder, signal: AbortSignal): Promise<readonly Found[]> {
  const opened = await openDatabase(root, place, signal);
  if (opened === undefined) return [];
  const { path, found } = opened;
  const wrong = (say: string) => [{ path, problem: problem("corrupt", { store: "cron", path }, say) }];
  if (!found.ok) return wrong(found.say);
  using database = found.value;
  const rows = database.jobs();
  if (rows === undefined) return wrong(unknownLayout);
  return rows.map(({ json, id }): Found => {
    const job = parseJson(json);
    return { path, job: isRecord(job) ? { ...job, id } : { id } };
  });
}

function* inFile(root: SourceFolder): Generator<Found> {
  const path = "cron/jobs.json";
  const at = { store: "cron", path } as const;
  const folder = root.folder("cron");
  if (!folder.ok) return yield { path, problem: problem("skipped", at, `The folder ${folder.say}.`) };
  const text = folder.value?.text("jobs.json", maxJobsBytes);
  if (text === undefined || (text.ok && text.value === undefined)) return;
  if (!text.ok) return yield { path, problem: problem("corrupt", at, `The file ${text.say}.`) };
  const json = parseJson(text.value ?? "");
  const list = isRecord(json) ? json["jobs"] : json;
  if (!Array.isArray(list))
    return yield { path, problem: problem("corrupt", at, "The file is not a list of jobs.") };
  for (const job of list.slice(0, maxJobs)) yield { path, job };
  if (list.length > maxJobs)
    yield { path, problem: problem("skipped", at, `Only the first ${maxJobs} are read.`) };
}
