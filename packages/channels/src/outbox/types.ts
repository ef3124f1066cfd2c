import type { Result } from "@carapace/protocol";
import type { NewOutboxMessage, OutboxMessage, OutboxRepository } from "@carapace/state";
import type { ChannelRegistry } from "../registry/registry.ts";
import type { Backoff } from "./backoff.ts";

/** Messages on their way out, and who carries them (channels.md §1.9). */
export interface Outbox extends AsyncDisposable {
  /**
   * Durable before it returns; sent as soon as its channel is connected and its turn has come. The same
   * `idempotencyKey` within 24 h is the same message.
   * @param message Without `maxAttempts` it has as many as its channel allows: see `defaultAttempts`.
   * @returns `not_found` for an unknown channel, `invalid_request` for a message nobody could send, `unavailable`
   * while 1000 wait for the channel
   */
  enqueue(message: NewOutboxMessage): Promise<Result<OutboxMessage>>;
  /** A message that somebody else stored, with a run's end, say: from now on it is carried. */
  carry(id: string): Promise<void>;
  /** Puts one that failed, expired or was dropped at the end of its channel's queue, with all its attempts. */
  retry(id: string): Promise<Result<OutboxMessage>>;
  /** Takes one that waits or failed out for good: it becomes `cancelled`. */
  drop(id: string): Promise<Result<OutboxMessage>>;
  /** Calls the listener when that message has ended. Follow first, then look whether it has ended already. */
  follow(id: string, listener: (message: OutboxMessage) => void): Disposable;
  /** How many are on their way, of one channel or of all. */
  pending(channel?: string): Promise<number>;
  /** Once, before the first `enqueue`: takes up what an earlier process left. */
  start(): Promise<void>;
}

export interface OutboxLog {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface OutboxDeps {
  readonly repository: OutboxRepository;
  readonly registry: ChannelRegistry;
  readonly nowMs: () => number;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
  readonly newId: () => string;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly log: OutboxLog;
  readonly limits?: Partial<OutboxLimits>;
}

/** Figures that tests shrink. */
export interface OutboxLimits {
  readonly maxPendingPerChannel: number;
  readonly backoff: Backoff;
  /** A channel that has not answered by then is taken to have failed. */
  readonly attemptTimeoutMs: number;
  /** The same for a part with media, which is fetched and sent on. */
  readonly mediaTimeoutMs: number;
  /** How long a stop waits for attempts under way. */
  readonly closeBudgetMs: number;
  /** How long to wait before the end of an attempt is stored again where the disk took nothing. */
  readonly storeAgainMs: number;
}

/** Attempts of a message whose sender does not say: more where the receiver drops repetitions. */
export function defaultAttempts(channel: { readonly dedupes: boolean }): number {
  return channel.dedupes ? 8 : 3;
}
