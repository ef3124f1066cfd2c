import type { GatewayConnection } from "@carapace/client";
import type { GatewayEvent, Refusal } from "@carapace/protocol";
import { readRunEvent, type TurnEnd } from "../../chat/turn.ts";

/** How the one message went. `model` is who answered, or should have. */
export type RoundTrip =
  | {
      readonly kind: "answered";
      readonly model: string;
      readonly ms: number;
      readonly notices: readonly string[];
    }
  | { readonly kind: "silent"; readonly model: string }
  | { readonly kind: "failed"; readonly model: string; readonly say: string }
  | { readonly kind: "late"; readonly model: string }
  /** No run was started. */
  | { readonly kind: "refused"; readonly refusal: Refusal };

export interface RoundTripAsk {
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const message = "This checks the connection. Use no tool; reply with the single word: ready";
const abortGraceMs = 5000;
const reasonGraceMs = 1000;
/** What is kept of a run whose id is not known yet (cli.md §3.12). */
const maxEarly = 64;

/** Sends a short message in a session of its own and waits for the reply's end. @throws the signal's reason */
export async function roundTrip(connection: GatewayConnection, ask: RoundTripAsk): Promise<RoundTrip> {
  const { newId, nowMs, timeoutMs, signal } = ask;
  const startedMs = nowMs();
  const run = followRun(connection);
  const idempotencyKey = newId();
  const abort = (reason: string) => stop(connection, run.id() ?? idempotencyKey, reason);
  const late = Promise.withResolvers<"late" | "stopped">();
  const timer = setTimeout(() => late.resolve("late"), timeoutMs);
  const stopped = (): void => late.resolve("stopped");
  signal.addEventListener("abort", stopped, { once: true });
  if (signal.aborted) stopped();
  try {
    const sessionKey = `cli-verify-${newId()}`;
    const params = { message, sessionKey, idempotencyKey, stream: true, triggerAgent: true };
    const answer = await Promise.race([connection.request("chat.send", params), late.promise]);
    if (answer === "late" || answer === "stopped") return await giveUp(answer);
    if (!answer.ok) return { kind: "refused", refusal: answer };
    const { runId, status } = answer.value;
    // Why no run was started comes as an event, under the id that was asked for.
    run.begin(runId ?? idempotencyKey);
    const end = await Promise.race([
      run.ended,
      late.promise,
      connection.closed.then(() => lost),
      ...(status === "queued" ? [Bun.sleep(reasonGraceMs).then(() => nobody)] : []),
    ]);
    if (end === "late" || end === "stopped") return await giveUp(end);
    return outcomeOf(end, run, nowMs() - startedMs);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stopped);
    run.leave();
  }

  async function giveUp(why: "late" | "stopped"): Promise<RoundTrip> {
    await abort(why === "late" ? "verify_timeout" : "user_interrupt");
    signal.throwIfAborted();
    return { kind: "late", model: run.model() };
  }
}

const lost: TurnEnd = { kind: "failed", say: "the connection to the gateway was lost" };
const nobody: TurnEnd = { kind: "failed", say: "no provider is available for this message" };

type Followed = ReturnType<typeof followRun>;

function outcomeOf(end: TurnEnd, run: Followed, ms: number): RoundTrip {
  const model = run.model();
  if (end.kind === "failed") return { kind: "failed", model, say: end.say };
  if (end.kind === "cancelled") return { kind: "failed", model, say: "the run was stopped from elsewhere" };
  if (run.text().trim() === "") return { kind: "silent", model };
  return { kind: "answered", model, ms, notices: run.notices };
}

/** Hears what a run says, from before its id is known. */
function followRun(connection: GatewayConnection) {
  const ended = Promise.withResolvers<TurnEnd>();
  const notices: string[] = [];
  let early: GatewayEvent[] = [];
  let runId: string | undefined;
  let model = "";
  let text = "";
  const take = (event: GatewayEvent, id: string): void => {
    for (const step of readRunEvent(event, id)) {
      if (step.kind === "model") model = step.model;
      else if (step.kind === "text") text += step.text;
      else if (step.kind === "whole") text = step.text;
      else if (step.kind === "notice") notices.push(step.text);
      else ended.resolve(step.how);
    }
  };
  const leave = connection.onEvent((event) => {
    if (runId !== undefined) take(event, runId);
    else if (early.length < maxEarly && (event.event === "agent" || event.event === "chat"))
      early.push(event);
  });
  return {
    ended: ended.promise,
    notices,
    id: () => runId,
    model: () => model,
    text: () => text,
    begin(id: string) {
      runId = id;
      for (const event of early) take(event, id);
      early = [];
    },
    leave,
  };
}

/** The run is stopped, whether anybody still reads it or not; the wait is bounded. */
async function stop(connection: GatewayConnection, runId: string, reason: string): Promise<void> {
  await connection.request("chat.abort", { runId, reason }, { timeoutMs: abortGraceMs });
}
