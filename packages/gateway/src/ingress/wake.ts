import { ok, type Result, refuse } from "@carapace/protocol";
import type { Session, State } from "@carapace/state";
import type { ModelDesk } from "../models/desk.ts";
import { createKeyedMutex } from "../runs/keyed-mutex.ts";
import { readRunOptions } from "../runs/options.ts";
import { findByKey } from "../sessions/find.ts";
import { type EventBatch, toldOrigin, toldText } from "../system-events/batch.ts";
import type { PendingEvents } from "../system-events/pending.ts";
import type { World } from "../types.ts";
import type { Inbound, Ingress } from "./types.ts";

/** What came of it: a turn that starts now, one that had not ended yet, or the reason why there is none. */
export type Woken =
  | { readonly kind: "started" | "pending"; readonly runId: string; readonly sessionKey: string }
  | { readonly kind: "none"; readonly why: string };

/** Lets the assistant look at a conversation though nobody wrote (websocket.md §12.1 *Better*). */
export interface Waker {
  /**
   * Durable like any message before it returns. One turn at a time for each conversation: while one waits or runs, that
   * one is the answer.
   * @param target A session's key, or what it was called when it was made; without, the main session, which is made if
   * it is not there yet.
   */
  wake(target: string | undefined): Promise<Woken>;
}

export interface WakerDeps {
  readonly state: Pick<State, "sessions" | "runs">;
  readonly models: Pick<ModelDesk, "choose">;
  readonly ingress: Ingress;
  readonly world: Pick<World, "newId">;
  readonly pending: PendingEvents;
}

/** `session.mainKey` has this one value (config.md §13.3). */
export const mainSession = "main";
const prefix = "wake-";

const heartbeat =
  "Heartbeat: something asks for your attention, and nobody wrote this message. Look whether anything in this " +
  "conversation is due now: a promise, an open item, a result that was waited for. If so, do it and say what you did. " +
  "If not, answer only: Nothing is due.";

export function createWaker(deps: WakerDeps): Waker {
  const inTurn = createKeyedMutex();
  // One after the other, all of them: a session has two names, and may not be there yet.
  return { wake: (target = mainSession) => inTurn("wake", () => wakeIn(target, deps)) };
}

async function wakeIn(name: string, deps: WakerDeps): Promise<Woken> {
  const { sessions, runs } = deps.state;
  const session = await findByKey(sessions, name);
  if (session === undefined && name !== mainSession)
    return none("No conversation has this name, so there is nothing to look at.");
  if (session?.status === "archived")
    return none("This conversation is archived: it was put away, and nothing is due in it.");
  const unfinished = session === undefined ? [] : await runs.unfinished(session.id);
  // Whoever sends a message chooses its id: only what no client can ask for tells a wake apart.
  const pending = unfinished.find((run) => run.id.startsWith(prefix) && readRunOptions(run.options).alone);
  if (pending !== undefined) return { kind: "pending", runId: pending.id, sessionKey: pending.sessionKey };
  const answerable = await answererIn(session, deps);
  if (!answerable.ok) return none(answerable.say);
  return await begin(name, deps);
}

async function begin(name: string, { ingress, pending, world }: WakerDeps): Promise<Woken> {
  const batch = name === mainSession ? await pending.next(`${prefix}events-`) : undefined;
  const runId = batch?.runId ?? `${prefix}${world.newId()}`;
  const accepted = await ingress.submit(heartbeatFor(name, runId, batch), "turn");
  if (!accepted.ok) return none(accepted.say);
  if (batch !== undefined) await pending.told(batch);
  const { run } = accepted.value;
  return { kind: "started", runId: run.id, sessionKey: run.sessionKey };
}

/** Whether a language model can take a turn in this conversation though nobody wrote; refused with what keeps it from that. */
export async function canAnswer(
  name: string,
  deps: { readonly state: Pick<State, "sessions">; readonly models: Pick<ModelDesk, "choose"> },
): Promise<Result<undefined>> {
  return await answererIn(await findByKey(deps.state.sessions, name), deps);
}

async function answererIn(
  session: Session | undefined,
  { models }: { readonly models: Pick<ModelDesk, "choose"> },
): Promise<Result<undefined>> {
  const choice = await models.choose({}, session);
  if (!choice.ok) return choice;
  if (choice.value.provider.isLanguageModel !== false) return ok(undefined);
  return refuse("unavailable", "No language model is set up: the built-in assistant only answers messages.");
}

function heartbeatFor(name: string, runId: string, batch: EventBatch | undefined): Inbound {
  return {
    runId,
    // The program speaks, not the owner: nothing that it says counts as the owner's wish.
    origin: batch === undefined ? { kind: "system", ref: "wake" } : toldOrigin(batch, "wake"),
    message: batch === undefined ? heartbeat : `${heartbeat}\n\n${toldText(batch)}`,
    session: { name },
    speaker: {},
    metadata: {},
    wishes: { stream: true, alone: true },
  };
}

function none(why: string): Woken {
  return { kind: "none", why };
}
