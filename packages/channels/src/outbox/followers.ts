import type { OutboxMessage } from "@carapace/state";

type Listener = (message: OutboxMessage) => void;

/** Who wants to know how a message ends. */
export interface Followers {
  follow(id: string, listener: Listener): Disposable;
  tell(message: OutboxMessage): void;
}

export function createFollowers(): Followers {
  const listeners = new Map<string, Set<Listener>>();
  return {
    follow(id, listener) {
      const known = listeners.get(id) ?? new Set();
      listeners.set(id, known.add(listener));
      return {
        [Symbol.dispose]() {
          known.delete(listener);
          if (known.size === 0) listeners.delete(id);
        },
      };
    },
    tell(message) {
      for (const listener of [...(listeners.get(message.id) ?? [])]) listener(message);
    },
  };
}
