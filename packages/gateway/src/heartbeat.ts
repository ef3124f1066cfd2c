import type { EventHub } from "./types.ts";

/** The heartbeat event: off until a client asks for it, and off again after a restart (websocket.md §12.1). */
export interface Heartbeat extends Disposable {
  /** @param intervalMs 1000 to 300 000. */
  set(enabled: boolean, intervalMs: number): void;
  readonly enabled: boolean;
  readonly intervalMs: number;
  /** When the last one was sent. */
  readonly lastMs: number | undefined;
  /** Calls a listener at each one, until what is returned is disposed of. Contract: it must not throw. */
  onBeat(listener: () => void): Disposable;
}

export function createHeartbeat(deps: { events: EventHub; nowMs: () => number }): Heartbeat {
  let timer: NodeJS.Timeout | undefined;
  let intervalMs = 30_000;
  let lastMs: number | undefined;
  const listeners = new Set<() => void>();
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const beat = () => {
    lastMs = deps.nowMs();
    deps.events.publish("heartbeat", { ts: lastMs });
    for (const listener of listeners) listener();
  };
  return {
    set(enabled, nextMs) {
      stop();
      intervalMs = nextMs;
      if (enabled) timer = setInterval(beat, intervalMs);
    },
    get enabled() {
      return timer !== undefined;
    },
    get intervalMs() {
      return intervalMs;
    },
    get lastMs() {
      return lastMs;
    },
    onBeat(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]: stop,
  };
}
