import { ok, refuse } from "@carapace/protocol";
import type { OutboxMessage } from "@carapace/state";
import { createCarriers } from "./carriers.ts";
import { afresh, ended } from "./decide.ts";
import type { Followers } from "./followers.ts";
import { usualLimits } from "./limits.ts";
import { checkMessage } from "./new-message.ts";
import { defaultAttempts, type Outbox, type OutboxDeps } from "./types.ts";

/** The part of the outbox that is loaded with the first message. */
export interface Carrying extends Omit<Outbox, "follow" | "pending" | "start"> {
  /** Once, at the start: takes up what an earlier process left. */
  recover(): Promise<void>;
}

/** @param followers Hear how messages end. */
export function createCarrying(deps: OutboxDeps, followers: Followers): Carrying {
  const { repository, registry, nowMs, log } = deps;
  const limits = { ...usualLimits, ...deps.limits };
  const stopping = new AbortController();
  const tell = (message: OutboxMessage) => {
    const { id, channel, status, lastError: why } = message;
    if (status === "failed") log.warn("a message could not be delivered", { id, channel, why });
    followers.tell(message);
  };
  const carriers = createCarriers({ ...deps, limits, stop: stopping.signal, tell });

  const unknown = (channel: string) => {
    const known = [...registry.ids()].join(", ");
    return refuse("not_found", `no channel "${channel.slice(0, 64)}" is set up (there are: ${known})`);
  };
  const full = (channel: string) => {
    const say = `${limits.maxPendingPerChannel} messages wait for the channel ${channel} already: see cara outbox list --channel ${channel}`;
    return refuse("unavailable", say);
  };

  return {
    async enqueue(message) {
      const channel = registry.find(message.channel);
      if (channel === undefined) return unknown(message.channel);
      const fault = checkMessage(message);
      if (fault !== undefined) return refuse("invalid_request", fault);
      const added = await repository.add(
        { ...message, maxAttempts: message.maxAttempts ?? defaultAttempts(channel) },
        { id: deps.newId(), nowMs: nowMs(), maxPending: limits.maxPendingPerChannel },
      );
      if (added.kind === "full") return full(message.channel);
      if (added.kind === "added") await carriers.take(added.message);
      return ok(added.message);
    },
    async carry(id) {
      const message = await repository.find(id);
      if (message !== undefined) await carriers.take(message);
    },
    async retry(id) {
      const found = await repository.find(id);
      if (found === undefined) return noMessage(id);
      if (registry.find(found.channel) === undefined) return unknown(found.channel);
      if ((await repository.pending(found.channel)) >= limits.maxPendingPerChannel)
        return full(found.channel);
      const at = nowMs();
      const again = await repository.change(id, (message, nextSeq) =>
        retryable.has(message.status) ? afresh(message, { seq: nextSeq(), nowMs: at }) : undefined,
      );
      if (again === undefined)
        return refuse("conflict", `this message ${isNow[found.status]}: there is nothing to retry`);
      await carriers.take(again);
      return ok(again);
    },
    async drop(id) {
      const at = nowMs();
      const dropped = await repository.change(id, (message) =>
        droppable.has(message.status) ? ended(message, { status: "cancelled", nowMs: at }) : undefined,
      );
      if (dropped === undefined) {
        const found = await repository.find(id);
        if (found === undefined) return noMessage(id);
        return refuse("conflict", `this message ${isNow[found.status]}: there is nothing to drop`);
      }
      carriers.forget(dropped);
      tell(dropped);
      return ok(dropped);
    },
    recover: () => carriers.recover(),
    async [Symbol.asyncDispose]() {
      const timer = setTimeout(() => stopping.abort(), limits.closeBudgetMs);
      await carriers.stop();
      clearTimeout(timer);
      stopping.abort();
    },
  };
}

const retryable: ReadonlySet<OutboxMessage["status"]> = new Set(["failed", "expired", "cancelled"]);
const droppable: ReadonlySet<OutboxMessage["status"]> = new Set(["queued", "failed", "expired"]);

const isNow: Readonly<Record<OutboxMessage["status"], string>> = {
  queued: "waits to be sent",
  sending: "is being sent at this moment",
  sent: "was sent",
  failed: "has failed",
  cancelled: "was dropped",
  expired: "has expired",
};

function noMessage(id: string) {
  return refuse(
    "not_found",
    `there is no message "${id.slice(0, 64)}": cara outbox list shows those there are`,
  );
}
