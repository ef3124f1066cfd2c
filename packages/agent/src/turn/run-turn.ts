import type { Message, RunEnd, RunOutcome, Session } from "@carapace/state";
import { StateError, stateFailures } from "@carapace/state";
import { modelString } from "../agents/model-string.ts";
import {
  type Conversation,
  loadConversation,
  ownSteps,
  pendingCalls,
  steeringOrigins,
} from "../context/conversation.ts";
import { redactFailure } from "../sanitize/redact.ts";
import type { RunTurn, Turn, TurnDeps, TurnEvent } from "../types.ts";
import { startDeadline } from "./deadline.ts";
import type { Reply } from "./model-call.ts";
import { askModel } from "./model-step.ts";
import { type Progress, startProgress } from "./progress.ts";
import { readStepFacts } from "./step-facts.ts";
import { stepMessage } from "./step-message.ts";
import { takeIn } from "./take-in.ts";
import { answerCalls } from "./tool-step.ts";
import { addUsage, billUsage, noUsage } from "./usage.ts";

/**
 * A run that was begun so often without getting any further is reported instead: it may be what brings the process down.
 * Beginnings after which a step or results were stored do not count, as a long turn on a machine that is often switched
 * off is no such run; its model calls are bounded by `maxTurns` all the same. Five, and not fewer, as a process that is
 * killed early in each of its lives has not even looked at the run.
 */
const maxIdleAttempts = 5;
/** Whatever it got done: what goes wrong may lie in the reading of what is stored. */
const maxAttempts = 50;

/**
 * Runs one turn (agent.md §7, design.md *The way of a message*). What to do next is read from history: calls without a
 * result are answered, else the model is asked; so a crashed run goes on by the same code that runs a fresh one.
 */
export const runTurn: RunTurn = async (turn, deps) => {
  try {
    return await takeTurn(turn, deps);
  } catch (fault) {
    // The contract is not to throw: whoever waits for this run must hear of its end, whatever broke.
    return await giveUp(turn, deps, fault);
  }
};

async function takeTurn(turn: Turn, deps: TurnDeps): Promise<RunOutcome> {
  const session = await deps.sessions.findById(turn.sessionId);
  const refusal = refusalFor(session);
  if (session === undefined || refusal !== undefined)
    return await end(turn, deps, { status: "failed", error: refusal ?? "" });
  const run = await deps.journal.begin(turn.runId, deps.clock.nowMs());
  if (run === undefined) return await endedBefore(turn, deps);
  deps.emit({ kind: "started", model: modelString(turn.agent.model) });
  if (run.attempts > maxAttempts) return await end(turn, deps, crashedTooOften(maxAttempts));
  using deadline = startDeadline(turn.agent.timeoutSeconds * 1000, deps.signal);
  const conversation = await loadConversation(deps.sessions, run, turn.agent.contextTokens);
  const idle = run.attempts - 1 - attemptsUntilProgress(conversation);
  if (idle >= maxIdleAttempts) return await end(turn, deps, crashedTooOften(idle));
  const steeredBy = steeringOrigins(conversation);
  const progress = startProgress({
    turn,
    deps,
    run,
    session,
    conversation,
    signal: deadline.signal,
    steeredBy,
  });
  return await goOn(progress);
}

function refusalFor(session: Session | undefined): string | undefined {
  if (session === undefined) return "This conversation does not exist any more.";
  if (session.damage === undefined) return undefined;
  return `${session.damage.say} Or start another one: /new, or cara chat --new.`;
}

function crashedTooOften(times: number): Ending {
  const error = `The program stopped ${times} times in the middle of this turn, so it was given up. Send the message again to retry.`;
  return { status: "failed", error };
}

/** How many beginnings it took until the run last got something done. */
function attemptsUntilProgress(conversation: Conversation): number {
  const last = ownSteps(conversation).findLast(({ role }) => role !== "user");
  // It died in the attempt that stored this, or in a later one: that one counts as one that got further.
  return last === undefined ? 0 : (readStepFacts(last.metadata).attempt ?? 1);
}

async function goOn(progress: Progress): Promise<RunOutcome> {
  for (;;) {
    const pending = pendingCalls(progress.conversation);
    if (pending.length > 0) {
      await answerCalls(progress, pending);
      continue;
    }
    const closing = closingReason(progress);
    // A closing turn is no answer to what is asked only now.
    if (closing === undefined) await takeIn(progress);
    const reply = await askModel(progress, closing);
    cancelCalls(progress, reply, closing !== undefined);
    if (!runsCalls(reply, closing !== undefined)) return await conclude(progress, reply, closing);
    await storeStep(progress, reply);
  }
}

function closingReason(progress: Progress): "max_turns" | "loop" | undefined {
  if (progress.watch.isStuck()) return "loop";
  return progress.stepsTaken >= progress.turn.agent.maxTurns ? "max_turns" : undefined;
}

function runsCalls(reply: Reply, isClosing: boolean): boolean {
  return !isClosing && reply.calls.length > 0 && reply.end.kind === "stop" && reply.end.reason === "tool_use";
}

/** Calls that were streamed but will not run are taken back (agent.md §7.3). */
function cancelCalls(progress: Progress, reply: Reply, isClosing: boolean): void {
  if (runsCalls(reply, isClosing)) return;
  const why = reply.end.kind === "stop" ? (isClosing ? "closing_turn" : reply.end.reason) : reply.end.kind;
  for (const { id, name } of reply.calls)
    progress.deps.emit({ kind: "tool_use_cancelled", id, name, reason: why });
}

async function storeStep(progress: Progress, reply: Reply): Promise<void> {
  const message = stepMessage(progress, reply, { withCalls: true });
  if (message === undefined) return;
  const stored = await progress.deps.journal.step(progress.turn.runId, {
    message,
    ...billed(progress, reply),
  });
  progress.stepsTaken += 1;
  append(progress, stored);
}

function append(progress: Progress, message: Message): void {
  progress.conversation = {
    ...progress.conversation,
    messages: [...progress.conversation.messages, message],
  };
}

/** Adds a call's tokens to the run, and gives the record that is stored with its message. */
function billed(progress: Progress, reply: Reply) {
  const usage = reply.end.kind === "aborted" ? undefined : reply.end.usage;
  if (usage === undefined) return {};
  progress.usage = addUsage(progress.usage, usage);
  const entry = billUsage(progress.turn, progress.deps, { usage, by: reply.by });
  return entry === undefined ? {} : { usage: entry };
}

async function conclude(
  progress: Progress,
  reply: Reply,
  closing: "max_turns" | "loop" | undefined,
): Promise<RunOutcome> {
  const { turn, deps } = progress;
  const isDone = reply.end.kind === "stop";
  const message = stepMessage(progress, reply, {
    withCalls: false,
    ...(isDone ? {} : { interrupted: true }),
    ...(closing === undefined ? {} : { closing }),
  });
  const { usage } = billed(progress, reply);
  const outcome = outcomeOf(progress, reply);
  if (message === undefined && usage !== undefined) await deps.recordUsage(usage);
  if (message === undefined) return await end(turn, deps, outcome);
  return await end(turn, deps, { ...outcome, last: { message, ...(usage === undefined ? {} : { usage }) } });
}

/** How a run ends, and what only the log is told of it: the journal does not keep it. */
type Ending = RunEnd & { readonly detail?: string | undefined };

function outcomeOf(progress: Progress, reply: Reply): Ending {
  const { end } = reply;
  const { usage } = progress;
  const partial = reply.text === "" ? {} : { response: reply.text };
  if (end.kind === "stop")
    return { status: "completed", stopReason: end.reason, response: reply.text, usage };
  if (end.kind === "failed") {
    const { say: error, code: cause, detail } = end.failure;
    return { status: "failed", error, cause, detail, usage, ...partial };
  }
  if (progress.deps.signal.aborted) return { status: "cancelled", usage, ...partial };
  const { timeoutSeconds } = progress.turn.agent;
  const error = `The turn took longer than ${timeoutSeconds} s and was stopped. agents.defaults.timeoutSeconds sets the limit.`;
  return { status: "failed", error, usage, ...partial };
}

/** Ends a run: durable first, told afterwards, and told only by whoever ended it. */
async function end(turn: Turn, deps: TurnDeps, { detail, last, ...raw }: Ending): Promise<RunOutcome> {
  const outcome = raw.error === undefined ? raw : { ...raw, error: redactFailure(raw.error) };
  const ended = last === undefined ? outcome : { ...outcome, last };
  const hasEnded = await deps.journal.finish(turn.runId, ended, deps.clock.nowMs());
  if (!hasEnded) return await endedBefore(turn, deps);
  deps.emit(ending({ ...outcome, detail }));
  return outcome;
}

function ending(outcome: Ending): TurnEvent {
  const { response: text = "", stopReason = "end_turn", usage = noUsage } = outcome;
  if (outcome.status === "completed") return { kind: "completed", text, stopReason, usage };
  if (outcome.status === "cancelled") return { kind: "cancelled" };
  const { error: say = "", detail } = outcome;
  return { kind: "failed", say, ...(detail !== undefined && { detail: redactFailure(detail) }) };
}

/** The run is over already, as an abort came first: whoever ended it has told so. If it is gone, nobody has. */
async function endedBefore(turn: Turn, deps: TurnDeps): Promise<RunOutcome> {
  const run = await deps.journal.find(turn.runId);
  if (run?.outcome !== undefined) return run.outcome;
  const gone: RunOutcome = { status: "failed", error: "This conversation was deleted." };
  deps.emit(ending(gone));
  return gone;
}

async function giveUp(turn: Turn, deps: TurnDeps, fault: unknown): Promise<RunOutcome> {
  const what = fault instanceof Error ? fault.message : String(fault);
  const where = fault instanceof StateError ? "" : "Something went wrong inside the gateway: ";
  try {
    return await end(turn, deps, { status: "failed", error: `${where}${what}` });
  } catch (second) {
    const unsaved: RunOutcome = { status: "failed", error: redactFailure(unsavedText(second, what)) };
    deps.emit(ending(unsaved));
    return unsaved;
  }
}

/** The journal itself fails (a full disk, a damaged session): it is told, though nothing durable says so. */
function unsavedText(fault: unknown, what: string): string {
  // A damaged session is never written to: there is nothing that ought to have been saved.
  if (fault instanceof StateError && fault.code === "session_damaged") return fault.message;
  const canRetry = fault instanceof StateError && stateFailures[fault.code].retry;
  return `The turn could not be saved: ${what}${canRetry ? " It will be tried again when the gateway starts." : ""}`;
}
