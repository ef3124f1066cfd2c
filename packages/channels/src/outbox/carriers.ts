import type { OutboxMessage, WaitingMessage } from "@carapace/state";
import { afterInterruption, ended } from "./decide.ts";
import { createDelivery, type DeliveryDeps } from "./delivery.ts";
import { createLane, type Lane } from "./lane.ts";

/** Carries queued messages: a lane for each channel that has any. */
export interface Carriers {
  /** From now on it is carried; one that no channel is there for fails. */
  take(message: OutboxMessage): Promise<void>;
  /** It is not to be sent any more. */
  forget(message: OutboxMessage): void;
  /** Once, at the start: takes up what an earlier process left. */
  recover(): Promise<void>;
  /** Begins nothing more. @returns what ends when nothing is under way any more */
  stop(): Promise<unknown>;
}

export function createCarriers(deps: DeliveryDeps): Carriers {
  const { repository, registry, nowMs, monotonicMs, tell } = deps;
  const lanes = new Map<string, Lane>();
  const delivery = createDelivery(deps);
  let isStopped = false;

  function laneOf(channel: string): Lane {
    const known = lanes.get(channel);
    if (known !== undefined) return known;
    const lane = createLane({
      isConnected: () => registry.isConnected(channel),
      now: () => ({ nowMs: nowMs(), monotonicMs: monotonicMs() }),
      maxWaitMs: deps.limits.backoff.capMs,
      ...delivery,
    });
    lanes.set(channel, lane);
    return lane;
  }

  async function take(message: OutboxMessage): Promise<void> {
    if (message.status !== "queued" || isStopped) return;
    const { id, channel } = message;
    if (registry.find(channel) !== undefined) return laneOf(channel).add(message);
    const say = `No channel "${channel}" is set up. Set it up, then send it again: cara outbox retry ${id}`;
    const failed = ended(message, { status: "failed", say, nowMs: nowMs() });
    await repository.save(failed);
    tell(failed);
  }

  async function takeUp(waiting: WaitingMessage): Promise<void> {
    if (registry.find(waiting.channel) !== undefined) return laneOf(waiting.channel).add(waiting);
    const message = await repository.find(waiting.id);
    if (message !== undefined) await take(message);
  }

  registry.onChange((id) => lanes.get(id)?.wake());

  return {
    take,
    forget: ({ channel, id }) => lanes.get(channel)?.remove(id),
    async recover() {
      for (const message of await repository.withStatus("sending")) {
        const next = afterInterruption(message, registry.find(message.channel), nowMs());
        await repository.save(next);
        if (next.status !== "queued") tell(next);
      }
      for (const channel of await repository.channels())
        for (const waiting of await repository.queued(channel)) await takeUp(waiting);
    },
    async stop() {
      isStopped = true;
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
  };
}
