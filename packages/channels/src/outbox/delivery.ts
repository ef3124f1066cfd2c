import type { OutboxMessage } from "@carapace/state";
import type { Channel } from "../adapter.ts";
import { type Attempted, attempt } from "./attempt.ts";
import { afterAttempt, ended, tooLateToRepeat, unattempted } from "./decide.ts";
import { fittedParts } from "./fitted-parts.ts";
import type { Outcome } from "./lane.ts";
import type { Waiting } from "./line.ts";
import { mayRepeat } from "./repeat.ts";
import type { OutboxDeps, OutboxLimits } from "./types.ts";

export interface DeliveryDeps extends Omit<OutboxDeps, "limits"> {
  readonly limits: OutboxLimits;
  /** Ends attempts, and waits for a store that takes nothing. */
  readonly stop: AbortSignal;
  /** It has ended. */
  readonly tell: (message: OutboxMessage) => void;
}

/** What a lane does with a message whose turn has come. Neither ever rejects. */
export interface Delivery {
  send(waiting: Waiting): Promise<Outcome>;
  expire(waiting: Waiting): Promise<void>;
}

const over: Outcome = { kind: "ended" };

/** One attempt, each of its steps stored before the next: claimed, then sent, then what came of it. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  const { repository, registry, log } = deps;
  return {
    async send(waiting) {
      const { id } = waiting;
      try {
        const claimed = await claim(waiting, deps);
        const channel = claimed && registry.find(claimed.channel);
        if (claimed?.status === "sending" && channel !== undefined)
          return await sendClaimed(claimed, channel, deps);
        if (claimed !== undefined) deps.tell(claimed);
        else log.warn("a message that waited is gone or damaged: it is not sent", { id });
        return over;
      } catch (error) {
        log.error("a message could not be taken from the outbox", { id, error });
        return await later(waiting, deps);
      }
    },
    async expire({ id }) {
      try {
        const nowMs = deps.nowMs();
        const expired = await repository.change(id, (message) =>
          message.status === "queued" ? ended(message, { status: "expired", nowMs }) : undefined,
        );
        if (expired !== undefined) deps.tell(expired);
      } catch (error) {
        log.error("a message's end could not be stored", { id, error });
      }
    },
  };
}

/**
 * In one transaction, so that whoever drops it meanwhile has it, or has it not: cut to what its channel takes, or failed if
 * it may have arrived and its receiver would not know it again.
 */
async function claim({ id }: Waiting, deps: DeliveryDeps): Promise<OutboxMessage | undefined> {
  const nowMs = deps.nowMs();
  return await deps.repository.change(id, (message) => {
    const channel = deps.registry.find(message.channel);
    if (message.status !== "queued" || channel === undefined) return undefined;
    if (!mayRepeat(message, channel, nowMs)) return tooLateToRepeat(message, nowMs);
    const parts = fittedParts(message, channel);
    return { ...message, parts, status: "sending", attempts: message.attempts + 1, updatedAtMs: nowMs };
  });
}

async function sendClaimed(claimed: OutboxMessage, channel: Channel, deps: DeliveryDeps): Promise<Outcome> {
  const attempted = await tryOnce(claimed, channel, deps);
  if (attempted === undefined) return over;
  const after = judged(attempted, channel, deps);
  if (after === undefined || !(await store(after, deps))) return over;
  if (after.status !== "queued") {
    deps.tell(after);
    return over;
  }
  const pauseMs = pauseOf(attempted);
  return { kind: "again", message: after, ...(pauseMs === undefined ? {} : { pauseMs }) };
}

async function tryOnce(
  message: OutboxMessage,
  channel: Channel,
  { repository, log, nowMs, limits, stop: signal }: DeliveryDeps,
): Promise<Attempted | undefined> {
  const attemptDeps = {
    repository,
    log,
    nowMs,
    timeoutMs: limits.attemptTimeoutMs,
    mediaTimeoutMs: limits.mediaTimeoutMs,
  };
  try {
    return await attempt(message, channel, { deps: attemptDeps, signal });
  } catch (error) {
    // A part went out and could not be marked as such: as `sending` it waits for the next process.
    log.error("how far a message came could not be stored", { id: message.id, error });
    return undefined;
  }
}

/** @returns undefined if it stays as it is: what a stop cut off may have gone out, and the next process says so */
function judged(
  { message, result }: Attempted,
  channel: Channel,
  { limits, nowMs, random, stop }: DeliveryDeps,
): OutboxMessage | undefined {
  if (!result.ok && stop.aborted) return channel.dedupes ? unattempted(message, nowMs()) : undefined;
  const judging = { channel, backoff: limits.backoff, nowMs: nowMs(), random: random() };
  return afterAttempt(message, result, judging);
}

/** It went out or not: that is stored before anything else of this channel is sent. @returns false if it was not */
async function store(message: OutboxMessage, deps: DeliveryDeps): Promise<boolean> {
  for (;;) {
    try {
      await deps.repository.save(message);
      return true;
    } catch (error) {
      deps.log.error("what became of a message could not be stored", { id: message.id, error });
      if (deps.stop.aborted) return false;
      await pause(deps.limits.storeAgainMs, deps.stop);
    }
  }
}

/** Nothing was sent: it waits in its place until the store takes something again. */
async function later({ id }: Waiting, deps: DeliveryDeps): Promise<Outcome> {
  for (;;) {
    await pause(deps.limits.storeAgainMs, deps.stop);
    if (deps.stop.aborted) return over;
    try {
      const message = await deps.repository.find(id);
      return message?.status === "queued" ? { kind: "again", message } : over;
    } catch (error) {
      deps.log.error("a message could not be read from the outbox", { id, error });
    }
  }
}

/** What the other side asks for is asked of all that is sent to it. */
function pauseOf({ result }: Attempted): number | undefined {
  return !result.ok && result.retryability.kind === "transient"
    ? result.retryability.retryAfterMs
    : undefined;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = () => resolve();
  signal.addEventListener("abort", end);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", end);
}
