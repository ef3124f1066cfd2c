import { createHash } from "node:crypto";
import { isRecord, type MethodParams, type Result, readParams } from "@carapace/protocol";
import type { CronDeps } from "./deps.ts";
import { declaredPrefix } from "./job.ts";
import { configActor, type Jobs, type JobsDeps, removeJob } from "./jobs.ts";

/** One of `cron.entries` in the configuration file, read. */
export interface DeclaredJob {
  readonly id: string;
  /** Of what the file says: a job is only touched when that changes. */
  readonly digest: string;
  readonly job: Result<MethodParams<"cron.add">>;
}

/**
 * Reads `cron.entries`: `schedule` is a cron expression (with `tz` beside it) or an object as `cron.add` takes it;
 * `payload` needs no `kind`: a `message` is a turn, a `text` an event. Pure.
 */
export function readDeclared(entries: readonly Readonly<Record<string, unknown>>[]): DeclaredJob[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const named = typeof entry["name"] === "string" ? entry["name"].trim() : "";
    const name = named === "" ? `entry ${index + 1}` : named;
    const id = `${declaredPrefix}${name}`.slice(0, 255);
    // The first of a name counts.
    if (seen.has(id)) return [];
    seen.add(id);
    const digest = createHash("sha256").update(JSON.stringify(entry)).digest("hex").slice(0, 16);
    return [{ id, digest, job: readParams("cron.add", paramsOf(entry, name)) }];
  });
}

function paramsOf({ tz, ...entry }: Readonly<Record<string, unknown>>, name: string) {
  const { schedule, payload } = entry;
  const zone = typeof tz === "string" ? { tz } : {};
  return {
    ...entry,
    name,
    schedule: typeof schedule === "string" ? { kind: "cron", expr: schedule, ...zone } : schedule,
    payload: isRecord(payload) ? withKind(payload) : payload,
  };
}

function withKind(payload: Readonly<Record<string, unknown>>) {
  if (payload["kind"] !== undefined) return payload;
  return { ...payload, kind: payload["text"] === undefined ? "agentTurn" : "systemEvent" };
}

/** Makes the stored jobs of the configuration file those that it names now. */
export async function applyDeclared(
  declared: readonly DeclaredJob[],
  { jobs, log, ...deps }: JobsDeps & Pick<CronDeps, "log"> & { readonly jobs: Jobs },
): Promise<void> {
  const stored = await deps.state.cron.list();
  const wanted = new Set(declared.map(({ id }) => id));
  for (const { id } of stored) {
    if (id.startsWith(declaredPrefix) && !wanted.has(id))
      await removeJob(id, { action: "removed", actor: configActor }, deps);
  }
  for (const { id, digest, job } of declared) {
    if (stored.some((known) => known.id === id && known["digest"] === digest)) continue;
    const done = job.ok ? await jobs.declare(id, job.value, digest) : job;
    if (!done.ok) log.warn("a scheduled job of the configuration file cannot be used", { id, why: done.say });
  }
}
