/**
 * Counts the requests under way with one key, side by side. What they share (the conversation made for them, and with it
 * the run) may go with the last of them only: one that claimed the key before the first reply was kept is still to find it.
 */
export interface KeyShares {
  /** @returns what ends one's part: true for the last. Asked again it is false. */
  enter(id: string): () => boolean;
}

export function createKeyShares(): KeyShares {
  const counts = new Map<string, number>();
  return {
    enter(id) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      let isIn = true;
      return () => {
        if (!isIn) return false;
        isIn = false;
        const left = (counts.get(id) ?? 1) - 1;
        if (left > 0) counts.set(id, left);
        else counts.delete(id);
        return left === 0;
      };
    },
  };
}
