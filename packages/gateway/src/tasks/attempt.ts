import { hintedSessionKey, type Refusal, type SessionKey } from "@carapace/protocol";
import type { Run, RunOutcome, State } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import type { Ingress } from "../ingress/types.ts";
import { jobDelivery } from "../jobs/delivery.ts";
import { type AgentTurn, inboundOfJob } from "../jobs/inbound.ts";
import { type MessageEndDeps, messageEnd } from "../jobs/message-end.ts";
import { runEnd } from "../jobs/run-end.ts";
import type { Runs } from "../runs/types.ts";
import { findByKey } from "../sessions/find.ts";
import type { SystemEvents } from "../system-events/types.ts";
import type { Uncounted } from "../usage/tracking.ts";
import { usedUp } from "./budget.ts";
import { deliveryFault } from "./delivery.ts";
import { messageOf } from "./message.ts";
import { readPayload } from "./payload.ts";
import { type BlockedReason, startOf, type TaskRecord } from "./record.ts";
import type { AttemptEnd } from "./settle.ts";

export interface AttemptDeps extends MessageEndDeps {
  readonly nowMs: () => number;
  readonly runs: Pick<Runs, "wait" | "abort" | "follow">;
  readonly ingress: Ingress;
  readonly systemEvents: SystemEvents;
  readonly journal: Pick<State["runs"], "find">;
  readonly sessions: State["sessions"];
  readonly usage: Pick<State["usage"], "sessions" | "days">;
  readonly uncounted: Uncounted;
}

/** How an attempt ended, and what all the task's runs have used by then. */
export interface Attempted {
  readonly end: AttemptEnd;
  readonly usage?: TaskRecord["usage"];
}

export interface AttemptFacts {
  readonly task: TaskRecord;
  readonly runId: string;
  /** Fires when nobody waits for its end any more: the gateway stops, or the task was cancelled. */
  readonly signal: AbortSignal;
  /** Called once the run itself is over: what is left (its delivery) keeps nobody from working. */
  readonly onRunEnded: () => void;
}

/** Why the signal fired, if the task was cancelled: then its run shall not go on. */
export const wasCancelled = "cancelled";

const imported = { kind: "imported", ref: "tasks" } as const;
/** Outcomes of runs are kept for a day (upkeep.ts): after that an unknown run may be one that was carried out. */
const outcomesKeptMs = 86_400_000;
const returnedAfterMs = 10_000;

/**
 * Carries out one attempt at a task, or goes on with one of an earlier process: every step has the id of its attempt,
 * so that doing it again changes nothing.
 * @returns undefined if the signal fired before its end was known.
 */
export async function attempt(facts: AttemptFacts, deps: AttemptDeps): Promise<Attempted | undefined> {
  const { task, runId } = facts;
  const payload = readPayload(task.payload, task.policy);
  if (!payload.ok) return { end: { kind: "failed", say: payload.say } };
  if (payload.value.kind === "agentTurn") return await takeTurn(payload.value, facts, deps);
  const event = {
    id: runId,
    text: payload.value.text,
    reason: "task",
    mode: "now",
    origin: task.origin ?? imported,
  } as const;
  const told = await deps.systemEvents.submit(event);
  return { end: told.ok ? { kind: "completed" } : endOfRefusal(told) };
}

async function takeTurn(
  payload: AgentTurn,
  facts: AttemptFacts,
  deps: AttemptDeps,
): Promise<Attempted | undefined> {
  const { task, runId, signal } = facts;
  if (task.undelivered !== undefined && (await wasDelivered(task.undelivered, facts, deps)))
    return { end: { kind: "completed" } };
  const uncounted = await uncountedEnd(task, deps);
  if (uncounted !== undefined) return { end: uncounted };
  const lost = await isForgotten(task, runId, deps);
  if (lost) return { end: { kind: "again", say: "what became of its run is not known any more" } };
  const delivery = jobDelivery(payload, {
    idempotencyKey: deliveryKey(runId),
    source: { kind: "task", id: task.id },
  });
  const job = {
    runId,
    sessionName: sessionNameOf(task),
    origin: task.origin ?? imported,
    maxTurns: task.policy.maxTurns,
  };
  const told = {
    ...payload,
    message: messageOf(payload.message, task),
    timeoutSeconds: timeoutOf(payload, task, deps.nowMs()),
  };
  const inbound = inboundOfJob(told, definedOnly({ ...job, delivery }));
  if (signal.aborted) return undefined;
  const submitted = await deps.ingress.submit(inbound, "turn");
  // Cancelled meanwhile: whoever did that found no run yet to stop.
  if (signal.reason === wasCancelled) await deps.runs.abort(runId);
  if (!submitted.ok) return { end: endOfRefusal(submitted) };
  const { sessionKey } = submitted.value.run;
  if (submitted.value.kind === "duplicate" && !(await isItsOwn(sessionKey, task, deps)))
    return { end: { kind: "again", say: "a message of another conversation had taken the id of its run" } };
  using _watch = watchBudget(sessionKey, facts, deps);
  const run = await runEnd(runId, deps, signal);
  if (signal.aborted) return undefined;
  facts.onRunEnded();
  const usage = await usageOf(task, { run, sessionKey }, deps);
  const end = await endOfRun(run, { ...task, usage }, deps);
  if (end.kind !== "completed" || delivery === undefined) return { end, usage };
  const undelivered = await deliveryFault(
    delivery.idempotencyKey,
    { response: run?.outcome?.response, signal },
    deps,
  );
  if (signal.aborted) return undefined;
  return { end: undelivered === undefined ? end : { kind: "undelivered", say: undelivered }, usage };
}

/** Whoever sends a message chooses its run's id: a task must not take another's run for its own. */
async function isItsOwn(key: SessionKey, task: TaskRecord, { sessions }: AttemptDeps): Promise<boolean> {
  const name = sessionNameOf(task);
  return key === hintedSessionKey(name) || key === (await findByKey(sessions, name))?.key;
}

/** A limit of money holds only while every model that was used has a price. */
async function uncountedEnd(task: TaskRecord, deps: AttemptDeps): Promise<AttemptEnd | undefined> {
  if (task.policy.maxCostUsd === undefined) return undefined;
  const session = await findByKey(deps.sessions, sessionNameOf(task));
  const why = deps.uncounted(session === undefined ? [] : await deps.usage.days(0, session.key));
  if (why === undefined) return undefined;
  const say = `it may cost only so much (policy.maxCostUsd), and ${why}`;
  return { kind: "blocked", reason: "operator_action_required", say };
}

/** The reply of an earlier attempt may have gone out after all: then the task is done. */
async function wasDelivered(runId: string, { signal }: AttemptFacts, deps: AttemptDeps): Promise<boolean> {
  const message = await messageEnd(deliveryKey(runId), deps, signal);
  return message?.status === "sent";
}

async function isForgotten(task: TaskRecord, runId: string, deps: AttemptDeps): Promise<boolean> {
  if (deps.nowMs() - task.updatedAtMs < outcomesKeptMs) return false;
  return (await deps.journal.find(runId)) === undefined;
}

/** What the payload or else the policy allows a run (agent.md §12); none goes on beyond the task's own end. */
function timeoutOf({ timeoutSeconds }: AgentTurn, task: TaskRecord, nowMs: number): number {
  const { maxRunTimeoutSeconds, maxTotalRuntimeMs } = task.policy;
  const leftSeconds = Math.ceil((startOf(task) + maxTotalRuntimeMs - nowMs) / 1000);
  return Math.max(1, Math.min(timeoutSeconds ?? maxRunTimeoutSeconds, leftSeconds));
}

/** As the reference calls it (agent.md §6.1). */
function sessionNameOf({ id }: TaskRecord): string {
  return `cron:${id}`;
}

/** `task-deliver:<task>:<attempt>`. */
function deliveryKey(runId: string): string {
  return `task-deliver:${runId.slice("task:".length)}`;
}

async function endOfRun(run: Run | undefined, task: TaskRecord, deps: AttemptDeps): Promise<AttemptEnd> {
  const outcome = run?.outcome;
  if (run === undefined || outcome === undefined)
    return { kind: "again", say: "the conversation of its run was deleted" };
  switch (outcome.status) {
    case "completed":
      return (await wasCutShort(run, deps)) ? ranOutOfTurns(task) : { kind: "completed" };
    case "failed":
      return endOfFailure(outcome);
    case "cancelled": {
      const why = usedUp(task);
      if (why !== undefined) return { kind: "failed", say: `given up: ${why}` };
      return (await uncountedEnd(task, deps)) ?? { kind: "cancelled", say: "its run was cancelled" };
    }
  }
}

/** Why a run failed that will fail again until somebody has changed something (agent.md §12). */
const lasting: Readonly<Record<string, BlockedReason>> = {
  auth: "config_missing",
  no_such_model: "config_missing",
  missing_model: "config_missing",
  unknown_route: "config_missing",
  provider_not_configured: "config_missing",
  quota: "operator_action_required",
};

function endOfFailure({ error: say = "its run failed", cause = "" }: RunOutcome): AttemptEnd {
  const reason = Object.hasOwn(lasting, cause) ? lasting[cause] : undefined;
  return reason === undefined ? { kind: "again", say } : { kind: "blocked", reason, say };
}

/** A run that was told to come to an end says so in its last message (agent.md §7.4). */
async function wasCutShort(run: Run, { sessions }: AttemptDeps): Promise<boolean> {
  const [last] = await sessions.history(run.sessionId, { limit: 1 });
  return last?.runId === run.id && last.metadata?.["closing"] === "max_turns";
}

function ranOutOfTurns(task: TaskRecord): AttemptEnd {
  const say = `its run used all the turns it may take (policy.maxTurns is ${task.policy.maxTurns}; its agent may allow fewer) and goes on in another one`;
  return { kind: "again", say, isProgress: true };
}

/** What came of a turn that could not be begun. */
function endOfRefusal({ code, say }: Refusal): AttemptEnd {
  switch (code) {
    case "unavailable":
    case "rate_limited":
      return { kind: "returned", afterMs: returnedAfterMs, say };
    case "unknown_route":
    case "missing_model":
    case "provider_not_configured":
      return { kind: "blocked", reason: "config_missing", say };
    case "not_found":
    case "conflict":
    case "forbidden":
      return { kind: "blocked", reason: "operator_action_required", say };
    default:
      return { kind: "failed", say };
  }
}

interface Used {
  readonly run: Run | undefined;
  readonly sessionKey: SessionKey;
}

/** The task's conversation is its own: what was recorded for it is what the task has used. */
async function recorded(sessionKey: SessionKey, { usage }: AttemptDeps): Promise<TaskRecord["usage"]> {
  const [sums] = await usage.sessions(0, sessionKey);
  return sums && { tokens: sums.inputTokens + sums.outputTokens, costUsd: sums.costUsd };
}

async function usageOf(
  task: TaskRecord,
  { run, sessionKey }: Used,
  deps: AttemptDeps,
): Promise<TaskRecord["usage"]> {
  const known = task.usage ?? { tokens: 0, costUsd: 0 };
  const own = run?.outcome?.usage;
  const tokens = known.tokens + (own === undefined ? 0 : own.inputTokens + own.outputTokens);
  const records = await recorded(sessionKey, deps);
  return {
    tokens: Math.max(tokens, records?.tokens ?? 0),
    costUsd: Math.max(known.costUsd, records?.costUsd ?? 0),
  };
}

/** Stops a run between two steps when its task has used up what it may. */
function watchBudget(sessionKey: SessionKey, { task, runId }: AttemptFacts, deps: AttemptDeps): Disposable {
  const { maxTokens, maxCostUsd } = task.policy;
  if (maxTokens === undefined && maxCostUsd === undefined) return { [Symbol.dispose]() {} };
  const look = async (): Promise<void> => {
    const usage = await recorded(sessionKey, deps);
    const isOver = usedUp({ policy: task.policy, usage }) !== undefined;
    if (isOver || (await uncountedEnd(task, deps)) !== undefined) await deps.runs.abort(runId);
  };
  return deps.runs.follow(runId, ({ event, payload }) => {
    // A tool's result is when a step has been stored, its usage with it, and the next has not begun.
    if (event === "agent" && payload.stream === "tool_result") void look().catch(() => undefined);
  });
}
