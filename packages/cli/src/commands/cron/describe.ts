import type { CronJobView, CronRunView } from "@carapace/protocol";
import { cleanLine } from "../../output/clean.ts";

const maxNameChars = 32;
const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
] as const;

/** `in 3 h`, `2 d ago`, `now`. Pure. */
function inWords(atMs: number, nowMs: number): string {
  const gap = Math.abs(atMs - nowMs);
  const [size, unit] = units.find(([ms]) => gap >= ms) ?? [1000, "s"];
  const count = Math.round(gap / size);
  if (count === 0) return "now";
  return atMs > nowMs ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

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

function lengthText(ms: number): string {
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  return `${ms / size} ${unit}`;
}

/** A table of jobs. Pure but for the zone. */
export function jobTable(jobs: readonly CronJobView[], nowMs: number): string {
  const rows = jobs.map((job) => [
    job.id,
    cut(job.name),
    scheduleText(job),
    nextText(job, nowMs),
    lastText(job, nowMs),
  ]);
  return table(["ID", "NAME", "SCHEDULE", "NEXT", "LAST"], rows);
}

function nextText({ enabled, state }: CronJobView, nowMs: number): string {
  if (state.runningAtMs !== undefined) return "runs now";
  if (!enabled) return "off";
  const { nextRunAtMs } = state;
  return nextRunAtMs === undefined ? "never" : `${localTime(nextRunAtMs)} (${inWords(nextRunAtMs, nowMs)})`;
}

function lastText({ state }: CronJobView, nowMs: number): string {
  const { lastStatus, lastRunAtMs } = state;
  if (lastStatus === undefined) return "-";
  return lastRunAtMs === undefined ? lastStatus : `${lastStatus}, ${inWords(lastRunAtMs, nowMs)}`;
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
  const times = upcoming.map((at) => `  ${localTime(at)} (${inWords(at, nowMs)})`);
  return [
    ...rows.map(([name, value]) => `${name}: ${cleanLine(value)}`),
    ...(times.length === 0 ? [] : ["Next:", ...times]),
  ].join("\n");
}

/** A table of runs, and below a run what came of it. Pure but for the zone. */
export function runTable(runs: readonly CronRunView[], names: ReadonlyMap<string, string>): string {
  const rows = runs.map((run) => [
    localTime(run.runAtMs ?? run.ts),
    cut(names.get(run.jobId) ?? run.jobId),
    run.status ?? run.action,
    run.trigger ?? "",
    run.durationMs === undefined ? "" : `${(run.durationMs / 1000).toFixed(1)} s`,
  ]);
  const lines = table(["TIME", "JOB", "STATUS", "WHY", "TOOK"], rows).split("\n");
  const notes = runs.map(({ error, summary }) => error ?? summary?.split("\n")[0]);
  const body = lines
    .slice(1)
    .flatMap((line, index) => [line, ...(notes[index] ? [`  ${cleanLine(notes[index] ?? "")}`] : [])]);
  return [lines[0], ...body].join("\n");
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = [columns, ...rows].map((row) => row.map(cleanLine));
  const widths = columns.map((_, index) => Math.max(...clean.map((row) => row[index]?.length ?? 0)));
  return clean
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cut(text: string): string {
  return text.length <= maxNameChars ? text : `${text.slice(0, maxNameChars - 1).toWellFormed()}…`;
}
