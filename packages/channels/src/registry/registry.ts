import { type ChannelStatus, ok, type Result, refuse } from "@carapace/protocol";
import type { Channel } from "../adapter.ts";
import { type ChannelState, initialState, nextState } from "./status.ts";

/** One channel for whoever shows it. */
export interface ChannelView extends ChannelState {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** The channels of this gateway, and how each is. */
export interface ChannelRegistry {
  find(id: string): Channel | undefined;
  isConnected(id: string): boolean;
  /** In their order. */
  ids(): ReadonlySet<string>;
  /** In their order. */
  views(): readonly ChannelView[];
  counts(): { readonly total: number; readonly connected: number };
  /** Starts each, in their order; one that fails is in `error`, and one that takes its time holds up no other. */
  start(): Promise<void>;
  /** The gateway ends: calls off what `start` began. */
  stop(): void;
  set(id: string, status: ChannelStatus, error?: string): void;
  /** Stops a channel, and lets it forget its credentials; it stays so until the next start. @returns false if unknown */
  logout(id: string): Promise<boolean>;
  /** @param listener Contract: must not throw. */
  onChange(listener: (id: string, status: ChannelStatus) => void): void;
}

interface Entry {
  readonly channel: Channel;
  state: ChannelState;
  isLoggedOut: boolean;
}

export interface RegistryDeps {
  readonly nowMs: () => number;
  readonly log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void };
}

/** @returns `conflict` if two of them have the same id */
export function createRegistry(channels: readonly Channel[], deps: RegistryDeps): Result<ChannelRegistry> {
  const sorted = channels.toSorted((one, other) => one.info.order - other.info.order);
  const entries = new Map<string, Entry>();
  for (const channel of sorted) {
    const { id } = channel.info;
    if (entries.has(id)) return refuse("conflict", `there are two channels with the id "${id}"`);
    entries.set(id, { channel, state: initialState, isLoggedOut: false });
  }
  return ok(registryOf(entries, deps));
}

function registryOf(entries: ReadonlyMap<string, Entry>, { nowMs, log }: RegistryDeps): ChannelRegistry {
  const ids: ReadonlySet<string> = new Set(entries.keys());
  const listeners: ((id: string, status: ChannelStatus) => void)[] = [];

  function set(id: string, status: ChannelStatus, error?: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    const next = nextState(entry.state, { status, error, nowMs: nowMs() });
    if (next === entry.state) return;
    entry.state = next;
    if (status === "error") log.warn("a channel is in error", { channel: id, why: next.lastError });
    for (const listener of listeners) listener(id, status);
  }

  async function startOne(id: string, entry: Entry): Promise<void> {
    const { channel } = entry;
    if (channel.start === undefined) return set(id, "connected");
    set(id, "connecting");
    try {
      // What a channel that was logged out reports late does not bring it back.
      await channel.start((status, error) => {
        if (!entry.isLoggedOut) set(id, status, error);
      });
    } catch (error) {
      log.warn("a channel could not be started", { channel: id, error });
      set(id, "error", "it could not be started; the log says why");
    }
  }

  return {
    find: (id) => entries.get(id)?.channel,
    isConnected: (id) => entries.get(id)?.state.status === "connected",
    ids: () => ids,
    views: () =>
      [...entries].map(([id, { channel, state }]) => ({
        id,
        name: channel.info.label,
        description: channel.info.blurb,
        ...state,
      })),
    counts: () => ({
      total: entries.size,
      connected: [...entries.values()].filter(({ state }) => state.status === "connected").length,
    }),
    async start() {
      await Promise.all([...entries].map(([id, entry]) => startOne(id, entry)));
    },
    stop() {
      for (const { channel } of entries.values()) channel.stop?.();
    },
    set,
    async logout(id) {
      const entry = entries.get(id);
      if (entry === undefined) return false;
      entry.isLoggedOut = true;
      set(id, "logged_out");
      await entry.channel.logout?.();
      return true;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
