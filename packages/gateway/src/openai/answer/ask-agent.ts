import type { Block, Origin } from "@carapace/protocol";
import type { Run, State } from "@carapace/state";
import { definedOnly } from "../../defined-only.ts";
import type { Inbound, Ingress, Wishes } from "../../ingress/types.ts";
import type { Runs } from "../../runs/types.ts";
import { type ApiError, refused } from "../errors.ts";
import type { Question, Read } from "../question/types.ts";
import type { Entry } from "./blocks.ts";
import { createEventQueue, type EventQueue } from "./event-queue.ts";
import type { Kept, KeyedCall } from "./idempotent.ts";
import type { Place } from "./sessions.ts";
import type { Answer, ReplyEnd } from "./types.ts";

export interface AskAgentDeps {
  readonly state: Pick<State, "sessions">;
  readonly runs: Pick<Runs, "follow" | "wait" | "abort">;
  readonly ingress: Ingress;
  readonly nowMs: () => number;
  /** UUID v4. */
  readonly newId: () => string;
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** One turn of an agent, to be run now. */
export interface AgentCall {
  readonly question: Question;
  /** The conversation as the client sent it. */
  readonly entries: readonly Entry[];
  readonly place: Place;
  /** `provider:model`, as clients are told. */
  readonly model: string;
  readonly wishes: Pick<Wishes, "agentId" | "model" | "system" | "sampling">;
  /** Of a request with an `Idempotency-Key`: it goes on though its client is gone, who may come back for it. */
  readonly keyed?: KeyedCall;
}

/** A timer cannot wait longer; a run has limits of its own. */
const forever = 2 ** 31 - 1;

/** Runs a turn of an agent through the one door for messages, and tells its reply as it comes (http.md §11 *Better*). */
export async function askAgent(call: AgentCall, deps: AskAgentDeps): Promise<Read<Answer>> {
  const { keyed, model } = call;
  const runId = `openai:${keyed?.id ?? deps.newId()}`;
  await bringUp(call, deps);
  const queue = createEventQueue();
  let isDuplicate = false;
  const following = deps.runs.follow(runId, ({ event, payload }) => {
    if (event !== "agent" || payload.stream !== "text" || isDuplicate) return;
    queue.push({ kind: "text", delta: payload.data.delta });
  });
  const submitted = await deps.ingress.submit(inboundOf(call, runId), "turn");
  if (!submitted.ok) {
    following[Symbol.dispose]();
    await keyed?.release();
    await forget(call, deps);
    return { ok: false, error: refused(submitted) };
  }
  isDuplicate = submitted.value.kind === "duplicate";
  void finish({ call, runId, queue, isDuplicate: () => isDuplicate }, deps)
    .catch((error: unknown) => {
      deps.warn("a turn asked for over HTTP could not be followed", { runId, error });
      queue.push(failedWith("The turn failed inside the gateway; its log says why."));
    })
    .finally(() => {
      keyed?.leave();
      following[Symbol.dispose]();
    });
  return {
    ok: true,
    value: {
      model,
      events: queue,
      stop() {
        queue.close();
        if (keyed === undefined) void deps.runs.abort(runId);
      },
    },
  };
}

/** What an earlier call with the same key was answered with. */
export function knownAnswer({ model, text, finish, usage }: Kept): Answer {
  const queue = createEventQueue();
  if (text !== "") queue.push({ kind: "text", delta: text });
  queue.push({ kind: "stop", finish, usage });
  return { model, events: queue, stop: () => queue.close() };
}

interface Following {
  readonly call: AgentCall;
  readonly runId: string;
  readonly queue: EventQueue;
  readonly isDuplicate: () => boolean;
}

async function finish({ call, runId, queue, isDuplicate }: Following, deps: AskAgentDeps): Promise<void> {
  const { run } = await deps.runs.wait(runId, forever, new AbortController().signal);
  const end = endOf(run);
  if (isDuplicate() && run?.outcome?.response) queue.push({ kind: "text", delta: run.outcome.response });
  if (end.kind === "stop" && call.keyed !== undefined) {
    const finished = end.finish === "length" ? "length" : "stop";
    const text = run?.outcome?.response ?? "";
    await call.keyed.settle({ model: call.model, text, finish: finished, usage: end.usage });
  }
  // What has not ended is gone on with by the next process, in this conversation.
  if (run?.outcome !== undefined) {
    if (end.kind === "failed") await call.keyed?.release();
    await forget(call, deps);
  }
  queue.push(end);
}

function endOf(run: Run | undefined): ReplyEnd {
  const outcome = run?.outcome;
  if (outcome === undefined)
    return failedWith("The gateway is stopping; send the request again when it is back.");
  switch (outcome.status) {
    case "completed":
      return {
        kind: "stop",
        finish: outcome.stopReason === "max_tokens" ? "length" : "stop",
        usage: outcome.usage ?? { inputTokens: 0, outputTokens: 0 },
        text: outcome.response ?? "",
      };
    case "cancelled":
      return failedWith("The turn was cancelled.");
    case "failed":
      return failedWith(outcome.error ?? "The turn failed; the gateway's log says why.");
  }
}

function failedWith(message: string): { kind: "failed"; error: ApiError } {
  return { kind: "failed", error: { status: 500, type: "api_error", message } };
}

/** Gives a new conversation what the client says came before; one that goes on remembers it itself. */
async function bringUp({ entries, place }: AgentCall, { state, nowMs, newId }: AskAgentDeps): Promise<void> {
  const { session } = place;
  if (session.messageCount > 0) return;
  const seeds = entries.slice(0, startOfNew(entries));
  if (seeds.length === 0) return;
  await state.sessions.append(
    session.id,
    seeds.map(({ role, blocks }) => ({ id: newId(), role, blocks, createdAtMs: nowMs() })),
  );
}

function inboundOf({ entries, place, wishes }: AgentCall, runId: string): Inbound {
  const blocks = newBlocks(entries);
  return {
    runId,
    origin: owner,
    message: "",
    blocks,
    session: { name: place.name },
    speaker: {},
    metadata: definedOnly({ agentId: wishes.agentId }),
    wishes: { ...definedOnly(wishes), stream: true, alone: true },
  };
}

const owner: Origin = { kind: "owner", ref: "openai" };

/** What is asked now: everything from the last of the user's messages on that follow an answer. */
function newBlocks(entries: readonly Entry[]): Block[] {
  return entries.slice(startOfNew(entries)).flatMap(({ role, blocks }) =>
    // A reply that the client wants to be gone on with cannot be left open in a history of turns.
    role === "user" ? blocks : blocks.flatMap((block) => (block.type === "text" ? [begun(block)] : [])),
  );
}

/** Its label stays: nobody knows what the model had read. */
function begun({ text, origin }: Extract<Block, { type: "text" }>): Block {
  return { type: "text", text: `(You had begun to answer: ${text})`, origin };
}

function startOfNew(entries: readonly Entry[]): number {
  const last = entries.findLastIndex(({ role }) => role === "user");
  const before = entries.slice(0, last).findLastIndex(({ role }) => role !== "user");
  return before + 1;
}

/** Takes the conversation away, unless others with the same key still need its run. */
async function forget({ place, keyed }: AgentCall, { state }: AskAgentDeps): Promise<void> {
  const isLast = keyed?.leave() ?? true;
  if (place.isThrowaway && isLast) await state.sessions.delete(place.session.id);
}
