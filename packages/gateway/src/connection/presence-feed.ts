/** Tells of changes: the first at once, those that follow closely together. */
export interface PresenceFeed extends Disposable {
  /** Something changed. @returns whether everybody was told now; else they will be, soon. */
  changed(): boolean;
}

export interface PresenceFeedOptions {
  /** Contract: must not throw. */
  readonly tell: () => void;
  /** How long to gather changes after telling. */
  readonly quietMs: () => number;
}

/**
 * Everybody hears of everybody, so that a thousand clients connecting together would cost a million frames if each
 * change were told on its own.
 */
export function createPresenceFeed({ tell, quietMs }: PresenceFeedOptions): PresenceFeed {
  let quiet: Timer | undefined;
  let isStale = false;
  const tellNow = () => {
    isStale = false;
    // Set before telling: a receiver that is lost while it is told changes the presence again.
    quiet = setTimeout(() => {
      quiet = undefined;
      if (isStale) tellNow();
    }, quietMs());
    quiet.unref();
    tell();
  };
  return {
    changed() {
      if (quiet === undefined) {
        tellNow();
        return true;
      }
      isStale = true;
      return false;
    },
    [Symbol.dispose]() {
      clearTimeout(quiet);
      isStale = false;
    },
  };
}
