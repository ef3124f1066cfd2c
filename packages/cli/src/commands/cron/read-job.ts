import type { MethodInput, Schedule } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { JobWords } from "./options.ts";
import { durationSay, isZone, localZone, readDuration, readMoment } from "./read-time.ts";

type Params = Omit<MethodInput<"cron.update">, "jobId">;
type ScheduleParams = Schedule;
type PayloadParams = Record<string, unknown>;

interface Facts {
  readonly nowMs: number;
  /** The payload that the job has, when it is changed. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** Reads what was typed into what `cron.add` and `cron.update` take; absent is what was not typed. */
export function readJobWords(words: JobWords, facts: Facts): Result<Params> {
  const schedule = readSchedule(words, facts.nowMs);
  if (!schedule.ok) return schedule;
  const payload = readPayload(words, facts.payload);
  if (!payload.ok) return payload;
  const budget = readBudget(words);
  if (!budget.ok) return budget;
  const alert = readAlert(words);
  if (!alert.ok) return alert;
  const graceMs = words.grace === undefined ? undefined : readDuration(words.grace);
  if (words.grace !== undefined && graceMs === undefined) return wrong(`--grace: ${durationSay}`);
  const {
    name,
    agent: agentId,
    session: sessionTarget,
    wake: wakeMode,
    missed,
    overlap,
    maxFailures,
  } = words;
  const given = {
    ...{ name, agentId, sessionTarget, wakeMode, missed, overlap, maxFailures, graceMs },
    ...{ schedule: schedule.value, payload: payload.value, budget: budget.value, alert: alert.value },
  };
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  return ok(Object.fromEntries(defined));
}

function readSchedule(words: JobWords, nowMs: number): Result<ScheduleParams | undefined> {
  const { at, every, cron, tz, eitherDay } = words;
  const given = [at, every, cron].filter((word) => word !== undefined).length;
  if (given > 1) return wrong("--at, --every and --cron exclude each other");
  if (given === 0) {
    const stray = tz !== undefined || eitherDay || words.jitter !== undefined;
    return stray ? wrong("--tz, --either-day and --jitter go with --at, --every or --cron") : ok(undefined);
  }
  if (tz !== undefined && every !== undefined)
    return wrong("--tz goes with --at or --cron: --every has no clock");
  if (tz !== undefined && !isZone(tz))
    return wrong(`--tz: there is no time zone "${tz}"; one is written like Europe/Berlin`);
  if (eitherDay && cron === undefined) return wrong("--either-day goes with --cron");
  const jitterMs = words.jitter === undefined ? undefined : readDuration(words.jitter);
  if (words.jitter !== undefined && jitterMs === undefined) return wrong(`--jitter: ${durationSay}`);
  const jitter = jitterMs === undefined ? {} : { jitterMs };
  if (every !== undefined) {
    const everyMs = readDuration(every);
    return everyMs === undefined
      ? wrong(`--every: ${durationSay}`)
      : ok({ kind: "every", everyMs, ...jitter });
  }
  if (cron !== undefined) {
    const dayMatch = eitherDay ? { dayMatch: "or" as const } : {};
    return ok({ kind: "cron", expr: cron, tz: tz ?? localZone(), ...dayMatch, ...jitter });
  }
  const atMs = readMoment(at ?? "", { nowMs, zone: tz });
  if (atMs === undefined)
    return wrong('--at must be a time like "2026-12-01 09:00" that the clock shows on that day, or "in 20m"');
  if (atMs <= nowMs) return wrong("--at has passed: choose a time in the future");
  return ok({ kind: "at", atMs, ...jitter });
}

function readPayload(
  words: JobWords,
  known: Readonly<Record<string, unknown>> | undefined,
): Result<PayloadParams | undefined> {
  const { message, event } = words;
  if (message !== undefined && event !== undefined) return wrong("--message and --event exclude each other");
  const target = readTarget("--deliver", words.deliver);
  if (!target.ok) return target;
  const { model, route, thinking, timeout: timeoutSeconds } = words;
  const delivery =
    target.value === undefined ? {} : { deliver: true, ...target.value, bestEffortDeliver: words.bestEffort };
  const given = { model, route, thinking, timeoutSeconds, ...delivery };
  const details = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const hasDetails = Object.keys(details).length > 0;
  if (words.bestEffort && target.value === undefined) return wrong("--best-effort goes with --deliver");
  if (event !== undefined) {
    if (hasDetails) return wrong("--event only takes --session, --wake and what says when; use --message");
    return ok({ kind: "systemEvent", text: event });
  }
  const isTurn = known?.["kind"] === "agentTurn";
  if (message !== undefined) return ok({ ...(isTurn ? known : {}), kind: "agentTurn", message, ...details });
  if (!hasDetails) return ok(undefined);
  return isTurn ? ok({ ...known, ...details }) : wrong("these options go with --message");
}

function readBudget({ maxRuns, maxTokens, maxCost }: JobWords): Result<Params["budget"]> {
  const cost = maxCost === undefined ? undefined : Number(maxCost);
  if (cost !== undefined && !(Number.isFinite(cost) && cost > 0))
    return wrong("--max-cost must be an amount in USD above 0, like 0.50");
  if (maxRuns === undefined && maxTokens === undefined && cost === undefined) return ok(undefined);
  return ok({
    ...(maxRuns !== undefined && { maxRunsPerDay: maxRuns }),
    ...(maxTokens !== undefined && { maxTokensPerDay: maxTokens }),
    ...(cost !== undefined && { maxCostUsdPerDay: cost }),
  });
}

function readAlert({ alert, alertAfter }: JobWords): Result<Params["alert"]> {
  if (alert === undefined && alertAfter === undefined) return ok(undefined);
  const after = alertAfter === undefined ? {} : { after: alertAfter };
  if (alert === undefined || alert.trim() === "heartbeat") return ok(after);
  const target = readTarget("--alert", alert);
  return target.ok ? ok({ ...target.value, ...after }) : target;
}

function readTarget(
  flag: string,
  text: string | undefined,
): Result<{ readonly channel: string; readonly to: string } | undefined> {
  if (text === undefined) return ok(undefined);
  const parts = /^\s*([^:\s]+):(.+)$/.exec(text);
  const [channel, to] = [parts?.[1]?.toLowerCase(), parts?.[2]?.trim()];
  if (channel === undefined || to === undefined || to === "")
    return wrong(`${flag} must say channel and recipient, like telegram:123`);
  return ok({ channel, to });
}

function wrong(say: string): Result<never> {
  return refuse("invalid_request", say);
}
