import type { Block } from "@carapace/protocol";
import type { Message, RunJournal, RunOutcome } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { Lanes } from "./lanes.ts";
import { readRunOptions } from "./options.ts";
import type { RunJob, RunOptions } from "./types.ts";

/**
 * What becomes of messages that arrive while a turn of their session runs (agent.md §6.2 *Better*). `follow-up`: each
 * gets a turn of its own, in order. `collect`: all that wait when a turn starts are answered by it together. `steer`:
 * they join the running turn before its next model call. `interrupt`: the running turn is cancelled; then as `collect`.
 */
export type QueueMode = "follow-up" | "collect" | "steer" | "interrupt";

export interface QueueDeps {
  readonly journal: RunJournal;
  readonly lanes: Lanes;
  /** The mode in force in a session. */
  readonly modeOf: (sessionId: string) => Promise<QueueMode>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** How a message ends that another one's turn answers: that turn's reply is the answer to both. */
const joined: RunOutcome = { status: "completed", response: "" };

/** When a turn asks for messages that join it, and whether it has room for one more. */
interface TakingIn {
  readonly moment: "start" | "step";
  readonly fits: (blocks: readonly Block[]) => boolean;
}

/**
 * Takes waiting messages into a running turn, in their order, up to the first one that asks for something else (an agent,
 * a model) or for a turn of its own, or that does not fit. Each is in the history, and its run ended, in one transaction. Never rejects.
 */
export async function takeInWaiting(
  job: RunJob,
  { moment, fits }: TakingIn,
  deps: QueueDeps,
): Promise<readonly Message[]> {
  const taken: Message[] = [];
  try {
    if (waiting(job, deps.lanes) === undefined) return taken;
    const mode = await deps.modeOf(job.run.sessionId);
    if (mode === "follow-up" || (moment === "step" && mode !== "steer")) return taken;
    const wishes = wishesOf((await deps.journal.find(job.run.id))?.options);
    if (wishes === undefined) return taken;
    for (let next = waiting(job, deps.lanes); next !== undefined; next = waiting(job, deps.lanes)) {
      const message = await takeInOne(job, { next, wishes, fits }, deps);
      if (message === undefined) break;
      taken.push(message);
    }
  } catch (error) {
    // The turn itself can go on: what was not taken in gets its own turn, if not now then after a restart.
    deps.log.error("waiting messages could not join a turn", { runId: job.run.id, error });
  }
  return taken;
}

/** Whether a new message cancels what runs in its session. It is durable by now: if that cannot be told, it just waits. */
export async function interrupts(
  { run }: RunJob,
  { purpose, alone }: RunOptions,
  { modeOf, log }: Pick<QueueDeps, "modeOf" | "log">,
): Promise<boolean> {
  if (purpose !== "turn" || alone === true) return false;
  try {
    return (await modeOf(run.sessionId)) === "interrupt";
  } catch (error) {
    log.error("the queue mode of a session could not be read", { runId: run.id, error });
    return false;
  }
}

/** Cancels the turn that runs in front of a message. A crash before that only lets the turn end by itself. */
export function interruptFor(job: RunJob, lanes: Lanes): void {
  const [running] = lanes.of(job.run.sessionKey);
  if (running !== job && running?.purpose === "turn") running.controller.abort("interrupted");
}

async function takeInOne(
  job: RunJob,
  { next, wishes, fits }: { readonly next: RunJob; readonly wishes: string } & Pick<TakingIn, "fits">,
  { journal, lanes, nowMs }: QueueDeps,
): Promise<Message | undefined> {
  const stored = await journal.find(next.run.id);
  if (stored === undefined || next.purpose !== "turn" || wishesOf(stored.options) !== wishes)
    return undefined;
  if (!fits(stored.input.blocks)) return undefined;
  if (job.controller.signal.aborted || waiting(job, lanes) !== next) return undefined;
  const waits = { runId: next.run.id, outcome: joined, nowMs: nowMs() };
  const message = await journal.absorb(job.run.id, waits);
  if (message === undefined) return undefined;
  // Withdrawn only now: had the journal refused it, it would still wait for its own turn.
  lanes.withdraw(next);
  next.events.end(joined);
  return message;
}

function waiting(job: RunJob, lanes: Lanes): RunJob | undefined {
  const [running, next] = lanes.of(job.run.sessionKey);
  return running === job ? next : undefined;
}

/** What a turn is asked to be, for comparison. @returns undefined for one that wants no company */
function wishesOf(stored: { readonly [key: string]: unknown } | undefined): string | undefined {
  const { agentId, model, route, system, deliver, extra, alone, delivery } = readRunOptions(stored ?? {});
  const wishes = [agentId, model, route, system, deliver, extra, delivery];
  return alone === true ? undefined : JSON.stringify(wishes);
}
