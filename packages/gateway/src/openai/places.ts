/** How many replies may be made at a time. */
export interface Places {
  /** @returns undefined if all are taken; else what gives it back, which may be disposed of twice. */
  take(): Disposable | undefined;
}

/** @param limit Asked each time; the configuration may change. */
export function createPlaces(limit: () => number): Places {
  let taken = 0;
  return {
    take() {
      if (taken >= limit()) return undefined;
      taken += 1;
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) taken -= 1;
          isHeld = false;
        },
      };
    },
  };
}
