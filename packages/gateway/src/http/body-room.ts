/** One body on its way in. */
interface BodyPlace {
  grew(bytes: number): void;
  /** It is read, or given up. Twice is as good as once. */
  leave(): void;
}

/** The memory for bodies whose senders have not proved yet who they are: all of them together have so much. */
export interface BodyRoom {
  /** @param cut Called at most once, when its place is needed. */
  enter(cut: () => void): BodyPlace;
}

export interface BodyRoomLimits {
  readonly maxBytes: number;
  /** Each may have more on its way than was counted yet. */
  readonly maxBodies: number;
}

interface Held {
  bytes: number;
  readonly cut: () => void;
}

/** An honest sender needs milliseconds, so whoever takes longest goes first: idle bodies cannot keep others out. */
export function createBodyRoom({ maxBytes, maxBodies }: BodyRoomLimits): BodyRoom {
  // In the order they came.
  const open = new Set<Held>();
  let total = 0;

  function remove(held: Held): boolean {
    if (!open.delete(held)) return false;
    total -= held.bytes;
    return true;
  }

  return {
    enter(cut) {
      const held: Held = { bytes: 0, cut };
      const [longest] = open;
      if (open.size >= maxBodies && longest !== undefined && remove(longest)) longest.cut();
      open.add(held);
      return {
        grew(bytes) {
          if (!open.has(held)) return;
          held.bytes += bytes;
          total += bytes;
          for (const oldest of open) {
            if (total <= maxBytes) return;
            // Whoever holds nothing gives nothing back.
            if (oldest.bytes > 0 && remove(oldest)) oldest.cut();
          }
        },
        leave: () => void remove(held),
      };
    },
  };
}
