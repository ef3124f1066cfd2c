import type { Result } from "@carapace/protocol";
import type { CronRun, RunOutcome } from "@carapace/state";
import { runEnd } from "../jobs/run-end.ts";
import { wait } from "../wait.ts";
import type { CronDeps } from "./deps.ts";
import type { Job } from "./job.ts";
import { isHandedOver } from "./proof.ts";
import { postSummary } from "./summary.ts";
import { deliveryOf, turnOf } from "./turn.ts";

/** How a run of a job came out. */
export interface Ending {
  readonly status: "ok" | "error";
  readonly error?: string;
  readonly summary?: string;
  readonly outboxId?: string;
}

/** The turn has ended; whether its reply arrived is to be seen. */
export interface TurnEnd {
  readonly ending: Ending;
  /** The key of its reply in the outbox. */
  readonly deliveryKey?: string;
}

const maxSummaryChars = 500;

/**
 * Starts what a job asks for, or finds it started by an earlier process, and waits until it has ended: the same run
 * is one turn however often it is carried.
 * @returns undefined if the gateway stops first: the next process goes on with it. Never throws but for storage faults.
 */
export async function carry(
  job: Job,
  run: CronRun,
  { deps, signal }: { deps: CronDeps; signal: AbortSignal },
): Promise<TurnEnd | undefined> {
  const { payload } = job;
  if (payload.kind === "systemEvent") {
    const event = { id: run.id, text: payload.text, reason: "cron", mode: job.wakeMode, origin: job.origin };
    const told = await patiently(() => deps.systemEvents.submit(event), signal);
    if (told === undefined) return undefined;
    if (!told.ok) return { ending: { status: "error", error: told.say } };
    const { runId } = told.value;
    if (runId === undefined)
      return { ending: { status: "ok", summary: "It is told with the next heartbeat." } };
    const outcome = await outcomeOf(runId, { deps, signal });
    return outcome === undefined ? undefined : { ending: endingOf(outcome) };
  }
  const delivery = deliveryOf(job, payload, run);
  if (payload.deliver === true && delivery === undefined)
    deps.log.warn("a scheduled job shall deliver its reply, but does not say where to", { jobId: job.id });
  if (delivery !== undefined && (await isHandedOver(run, deps.state)) && !(await isKnown(run, deps)))
    return { ending: { status: "ok" }, deliveryKey: delivery.idempotencyKey };
  const accepted = await patiently(() => deps.ingress.submit(turnOf(job, payload, run), "turn"), signal);
  if (accepted === undefined) return undefined;
  if (!accepted.ok) return { ending: { status: "error", error: accepted.say } };
  const outcome = await outcomeOf(run.id, { deps, signal });
  if (outcome === undefined) return undefined;
  if (job.sessionTarget === "isolated") await postSummary(job, run, { outcome, deps });
  const isSending = outcome.status === "completed" && delivery !== undefined && hasText(outcome);
  return { ending: endingOf(outcome), ...(isSending && { deliveryKey: delivery.idempotencyKey }) };
}

/** Whether the journal has the turn: it forgets a day after the end. */
export async function isKnown(run: CronRun, { state }: Pick<CronDeps, "state">): Promise<boolean> {
  return (await state.runs.find(run.runId ?? run.id)) !== undefined;
}

/**
 * Asks again while too many messages wait, for some minutes; a gateway that stops takes nothing in, either.
 * @returns undefined if it stops.
 */
async function patiently<T>(
  ask: () => Promise<Result<T>>,
  signal: AbortSignal,
): Promise<Result<T> | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask();
    if (answer.ok || answer.code !== "unavailable" || attempt === maxAsks) return answer;
    await wait(Math.min(maxAskMs, 250 * 2 ** attempt), signal);
    if (signal.aborted) return undefined;
  }
}

const maxAsks = 12;
const maxAskMs = 30_000;

interface Watching {
  readonly deps: CronDeps;
  readonly signal: AbortSignal;
}

async function outcomeOf(runId: string, { deps, signal }: Watching): Promise<RunOutcome | undefined> {
  const run = await runEnd(runId, deps, signal);
  if (run === undefined && signal.aborted) return undefined;
  return run?.outcome ?? { status: "failed", error: "The turn's record is gone." };
}

function hasText({ response }: RunOutcome): boolean {
  return response !== undefined && response.trim() !== "";
}

function endingOf({ status, response, error }: RunOutcome): Ending {
  const summary = response?.trim().slice(0, maxSummaryChars).toWellFormed();
  const said = summary === undefined || summary === "" ? {} : { summary };
  if (status === "completed") return { status: "ok", ...said };
  return {
    ...{ status: "error", ...said },
    error: error ?? (status === "cancelled" ? "It was cancelled." : "It failed."),
  };
}
