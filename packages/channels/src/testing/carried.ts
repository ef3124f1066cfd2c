import type { NewOutboxMessage, OutboxMessage, OutboxRepository, State } from "@carapace/state";
import { type TemporaryState, temporaryState } from "@carapace/state/testing";
import type { Channel } from "../adapter.ts";
import { createOutbox } from "../outbox/outbox.ts";
import type { Outbox, OutboxLimits } from "../outbox/types.ts";
import { type ChannelRegistry, createRegistry } from "../registry/registry.ts";
import { guardedPost } from "../webhook/guarded-post.ts";
import { createWebhook } from "../webhook/webhook.ts";

/** Quick enough for tests. */
export const quickLimits: Partial<OutboxLimits> = {
  backoff: { baseMs: 4, factor: 2, capMs: 40 },
  storeAgainMs: 5,
};

export interface CarryingOptions {
  readonly channels: readonly Channel[];
  readonly limits?: Partial<OutboxLimits>;
  readonly nowMs?: () => number;
  readonly repository?: (repository: OutboxRepository) => OutboxRepository;
  /** Not before the test says so. */
  readonly isOffline?: boolean;
}

/** An outbox over a real state; closed before it. */
export interface Carrying extends AsyncDisposable {
  readonly outbox: Outbox;
  readonly registry: ChannelRegistry;
  readonly logged: readonly string[];
}

/** Opens an outbox as the gateway does. */
export async function carrying(state: State, options: CarryingOptions): Promise<Carrying> {
  const logged: string[] = [];
  const add = (message: string) => void logged.push(message);
  const log = { info: add, warn: add, error: add };
  const nowMs = options.nowMs ?? Date.now;
  const registry = createRegistry(options.channels, { nowMs, log });
  if (!registry.ok) throw new Error(registry.say);
  const repository = options.repository?.(state.outbox) ?? state.outbox;
  const outbox = createOutbox({
    ...{ repository, registry: registry.value, nowMs, log },
    monotonicMs: () => performance.now(),
    newId: () => crypto.randomUUID(),
    random: () => 0.5,
    limits: { ...quickLimits, ...options.limits },
  });
  await outbox.start();
  if (options.isOffline !== true) await registry.value.start();
  return {
    outbox,
    registry: registry.value,
    logged,
    [Symbol.asyncDispose]: () => outbox[Symbol.asyncDispose](),
  };
}

/** The real webhook channel, to a receiver on this machine. */
export function webhookTo(url: string, more: { readonly secret?: string } = {}): Channel {
  return createWebhook(
    { url, headers: {}, allowPrivate: true, ...more },
    { post: guardedPost, nowMs: Date.now },
  );
}

/** A message of words. */
export function words(text: string, more: Partial<NewOutboxMessage> = {}): NewOutboxMessage {
  const parts = [{ type: "text" as const, text }];
  return { channel: "webhook", to: "me", parts, source: { kind: "send" }, ...more };
}

/** Puts a message in. @throws what it was refused with */
export async function enqueued(outbox: Outbox, message: NewOutboxMessage): Promise<OutboxMessage> {
  const added = await outbox.enqueue(message);
  if (!added.ok) throw new Error(added.say);
  return added.value;
}

/** Until a message has ended, if it has not yet. */
export async function endOf(
  { outbox }: Pick<Carrying, "outbox">,
  at: Pick<TemporaryState, "state">,
  id: string,
): Promise<OutboxMessage> {
  const { promise, resolve } = Promise.withResolvers<OutboxMessage>();
  using _following = outbox.follow(id, resolve);
  const stored = await at.state.outbox.find(id);
  if (stored === undefined) throw new Error("there is no such message");
  return stored.status === "queued" || stored.status === "sending" ? await promise : stored;
}

export { temporaryState };
