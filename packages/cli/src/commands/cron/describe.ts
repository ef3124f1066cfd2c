import type { CronJobView, CronRunView } from "@carapace/protocol";
import { cleanLine } from "../../output/clean.ts";
import { shortened, tableLines } from "../../output/table.ts";
import { fromNow, lengthText } from "../../output/times.ts";

const maxNameChars = 32;

/** `2026-12-01 09:00` by this machine's clock. Pure but for its zone. */
function localTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** When a job runs, in a few words. Pure. */
function scheduleText({ schedule }: Pick<CronJobView, "schedule">): string {
  const { kind, atMs, everyMs, expr, tz } = schedule;
  if (kind === "at" && typeof atMs === "number") return `at ${localTime(atMs)}`;
  if (kind === "every" && typeof everyMs === "number") return `every ${lengthText(everyMs)}`;
  if (kind === "cron" && typeof expr === "string")
    return typeof tz === "string" ? `${expr} (${tz})` : `${expr} (UTC)`;
  return `${kind} (unknown to this version)`;
}

/** A table of jobs. Pure but for the zone. */
export function jobTable(jobs: readonly CronJobView[], nowMs: number): string {
  const rows = jobs.map((job) => [
    job.id,
    shortened(job.name, maxNameChars),
    scheduleText(job),
    nextText(job, nowMs),
    lastText(job, nowMs),
  ]);
  return tableLines(["ID", "NAME", "SCHEDULE", "NEXT", "LAST"], rows).join("\n");
}

function nextText({ enabled, state }: CronJobView, nowMs: number): string {
  if (state.runningAtMs !== undefined) return "runs now";
  if (!enabled) return "off";
  const { nextRunAtMs } = state;
  return nextRunAtMs === undefined ? "never" : `${localTime(nextRunAtMs)} (${fromNow(nextRunAtMs, nowMs)})`;
}

function lastText({ state }: CronJobView, nowMs: number): string {
  const { lastStatus, lastRunAtMs } = state;
  if (lastStatus === undefined) return "-";
  return lastRunAtMs === undefined ? lastStatus : `${lastStatus}, ${fromNow(lastRunAtMs, nowMs)}`;
}

/** One job with its next times. Pure but for the zone. */
export function jobText(job: CronJobView, nowMs: number): string {
  const { payload, sessionTarget, state, upcoming = [] } = job;
  const { message, text, channel, to, deliver } = payload;
  const what = typeof message === "string" ? message : text;
  const rows = [
    ["Name", job.name],
    ["Id", job.id],
    ["Schedule", scheduleText(job)],
    ["State", job.enabled ? "on" : "off"],
    [typeof message === "string" ? "Message" : "Event", typeof what === "string" ? what : payload.kind],
    ["Session", sessionTarget],
    ["Reply to", deliver === true ? `${String(channel)}:${String(to)}` : undefined],
    ["Last", state.lastStatus === undefined ? undefined : lastText(job, nowMs)],
    ["Last error", state.lastError],
  ].filter((row): row is [string, string] => typeof row[1] === "string");
  const times = upcoming.map((at) => `  ${localTime(at)} (${fromNow(at, nowMs)})`);
  return [
    ...rows.map(([name, value]) => `${name}: ${cleanLine(value)}`),
    ...(times.length === 0 ? [] : ["Next:", ...times]),
  ].join("\n");
}

/** A table of runs, and below a run what came of it. Pure but for the zone. */
export function runTable(runs: readonly CronRunView[], names: ReadonlyMap<string, string>): string {
  const rows = runs.map((run) => [
    localTime(run.runAtMs ?? run.ts),
    shortened(names.get(run.jobId) ?? run.jobId, maxNameChars),
    run.status ?? run.action,
    run.trigger ?? "",
    run.durationMs === undefined ? "" : `${(run.durationMs / 1000).toFixed(1)} s`,
  ]);
  const below = runs.map(({ error, summary }) => {
    const note = error ?? summary?.split("\n")[0];
    return note ? [note] : [];
  });
  return tableLines(["TIME", "JOB", "STATUS", "WHY", "TOOK"], rows, below).join("\n");
}
