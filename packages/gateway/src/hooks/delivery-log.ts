import type { HookDelivery, State } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import type { World } from "../types.ts";
import { type HookAnswer, isAccepted } from "./answer.ts";

/** How many calls are remembered. */
const maxKept = 1000;
const pruneEvery = 50;
/** Of calls whose sender could not prove itself one is noted in this time, so that strangers cannot push out the others. */
const refusedEveryMs = 10_000;

/** What is known of a call when it was answered; never its payload or what proves its sender. */
export interface ToldCall {
  readonly path: string;
  readonly mapping?: string | undefined;
  readonly receivedAtMs: number;
  readonly bytes: number;
  readonly isRepeated?: boolean;
  /** Why it went wrong, for the owner; instead of what the caller was told. */
  readonly reason?: string | undefined;
}

/** The newest calls of hooks and what became of them (http.md §8.4 *Better*). */
export interface DeliveryLog {
  /** Never throws: a call that was carried out is not undone because it cannot be noted. */
  note(call: ToldCall, answer: HookAnswer): Promise<void>;
  /** A call whose sender did not prove itself; seldom noted. */
  noteStranger(call: ToldCall, answer: HookAnswer): Promise<void>;
}

export interface DeliveryLogDeps {
  readonly deliveries: State["hookDeliveries"];
  readonly world: Pick<World, "newId" | "nowMs">;
  /** Each call, also those that are not noted. Contract: must not throw. */
  readonly counted: (outcome: HookDelivery["outcome"]) => void;
  readonly warn: (say: string, fields: { readonly error: unknown }) => void;
}

export function createDeliveryLog({ deliveries, world, counted, warn }: DeliveryLogDeps): DeliveryLog {
  let count = 0;
  let quietUntilMs = 0;
  async function keep(call: ToldCall, answer: HookAnswer): Promise<void> {
    const number = count++;
    try {
      // The number in front keeps those of one millisecond in their order.
      const id = `${String(number).padStart(10, "0")}:${world.newId()}`;
      await deliveries.save(deliveryOf(call, answer, id));
      if (number % pruneEvery === 0) await deliveries.prune(maxKept);
    } catch (error) {
      warn("the call of a hook could not be noted", { error });
    }
  }
  return {
    async note(call, answer) {
      counted(outcomeOf(call, answer));
      await keep(call, answer);
    },
    async noteStranger(call, answer) {
      counted("refused");
      const nowMs = world.nowMs();
      if (nowMs < quietUntilMs) return;
      quietUntilMs = nowMs + refusedEveryMs;
      await keep(call, answer);
    },
  };
}

function deliveryOf(call: ToldCall, answer: HookAnswer, id: string): HookDelivery {
  const { path, mapping, receivedAtMs, bytes } = call;
  const { runId, error, note } = answer.body ?? {};
  const reason = call.reason ?? textOf(error) ?? textOf(note);
  return {
    ...{ id, receivedAtMs, bytes },
    path: path.slice(0, 200),
    status: answer.status,
    outcome: outcomeOf(call, answer),
    ...definedOnly({ mapping, reason: reason?.slice(0, 500), runId: textOf(runId) }),
  };
}

function outcomeOf({ isRepeated }: ToldCall, answer: HookAnswer): HookDelivery["outcome"] {
  if (!isAccepted(answer)) return answer.status >= 500 ? "failed" : "refused";
  if (isRepeated === true) return "repeated";
  return answer.status === 204 ? "skipped" : "accepted";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
