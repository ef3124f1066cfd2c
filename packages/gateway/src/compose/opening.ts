import { isMethodName, methodContracts, refuse } from "@carapace/protocol";
import type { Arrivals } from "../audit/arrivals.ts";
import type { Reached } from "../models/reach.ts";
import type { DevicePairing } from "../pairing/devices.ts";
import type { MethodCall, MethodHandler, MethodHandlers } from "../types.ts";

/** What answers once the gateway is composed. */
export interface Opened {
  readonly handlers: MethodHandlers;
  readonly pairing: Pick<DevicePairing, "isLiveToken" | "admit">;
  readonly arrivals: Arrivals;
  /** How many sessions are stored. */
  sessionCount(): Promise<number>;
  /** How many channels there are, how many of them are connected, and which are in error. */
  channelCounts(): ChannelCounts;
  /** Whether a language model could be used when one was last asked; undefined while nobody knows. */
  reached(): Reached | undefined;
}

interface ChannelCounts {
  readonly total: number;
  readonly connected: number;
  /** By id. */
  readonly inError?: readonly string[];
}

/**
 * Stands in for methods and pairing from the moment the port is open until the rest of the gateway is. Callers wait;
 * if the start fails, they are told so.
 */
export interface Opening extends Omit<Opened, "sessionCount"> {
  /** Undefined while the state is being opened: nobody waits for a figure. */
  sessionCount(): Promise<number | undefined>;
  open(opened: Opened): void;
  /** The start failed: whoever waits is refused. */
  fail(): void;
  isOpen(): boolean;
}

export function createOpening(): Opening {
  const waiting = Promise.withResolvers<Opened | undefined>();
  let opened: Opened | undefined;
  const starting = () => refuse("unavailable", "the gateway could not start; its log says why");

  function late<M extends keyof MethodHandlers>(method: M): MethodHandler<M> {
    return (call: MethodCall<M>) => {
      // Straight through once open: this is on the way of every request.
      if (opened !== undefined) return opened.handlers[method](call);
      return waiting.promise.then((parts) =>
        parts === undefined ? starting() : parts.handlers[method](call),
      );
    };
  }

  async function pairing(): Promise<Opened["pairing"]> {
    const parts = opened ?? (await waiting.promise);
    if (parts === undefined) throw new Error("the gateway could not start");
    return parts.pairing;
  }

  const names = Object.keys(methodContracts).filter(isMethodName);
  return {
    // Each entry is made for its own name; only the table's type cannot say so.
    handlers: Object.fromEntries(names.map((name) => [name, late(name)])) as unknown as MethodHandlers,
    pairing: {
      isLiveToken: async (token, use) => (await pairing()).isLiveToken(token, use),
      admit: async (arrival) => (await pairing()).admit(arrival),
    },
    arrivals: {
      accepted: async (arrival) => (opened ?? (await waiting.promise))?.arrivals.accepted(arrival),
      // Who is refused does not wait for the start to end.
      refused: (arrival) => void waiting.promise.then((parts) => parts?.arrivals.refused(arrival)),
    },
    sessionCount: async () => opened?.sessionCount(),
    channelCounts: () => opened?.channelCounts() ?? { total: 0, connected: 0 },
    reached: () => opened?.reached(),
    open(parts) {
      opened = parts;
      waiting.resolve(parts);
    },
    fail: () => waiting.resolve(undefined),
    isOpen: () => opened !== undefined,
  };
}
