/** What all waiting runs together may take: an endless row would fill the disk. */
export interface WaitingLimits {
  readonly maxRuns: number;
  /** Of their messages and options as JSON. */
  readonly maxBytes: number;
}

/** One run's share; given back when the run begins or is withdrawn. */
export interface Place {
  /** Twice is as good as once. */
  free(): void;
}

export interface WaitingBudget {
  /** @returns undefined if there is no room for so many bytes. */
  enter(bytes: number): Place | undefined;
  /** For runs that were accepted by an earlier process: they have a place even if there is none. */
  readmit(bytes: number): Place;
}

/** The limits of one gateway, over all its sessions. */
export const waitingLimits: WaitingLimits = { maxRuns: 1024, maxBytes: 64 * 1024 * 1024 };

/** Counts what waits. */
export function createWaitingBudget({ maxRuns, maxBytes }: WaitingLimits): WaitingBudget {
  let runs = 0;
  let taken = 0;
  const readmit = (bytes: number): Place => {
    runs += 1;
    taken += bytes;
    let isFree = false;
    return {
      free() {
        if (isFree) return;
        isFree = true;
        runs -= 1;
        taken -= bytes;
      },
    };
  };
  return {
    readmit,
    enter: (bytes) => (runs >= maxRuns || taken + bytes > maxBytes ? undefined : readmit(bytes)),
  };
}
