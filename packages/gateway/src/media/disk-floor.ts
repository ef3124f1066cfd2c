import { type State, StateError } from "@carapace/state";

export interface Disk {
  /** Undefined where that cannot be told: nothing is refused then. */
  readonly freeBytes: () => Promise<number | undefined>;
  /** What is left to the database and its log, which matter more than pictures (`gateway.resources.minDiskFreeMiB`). */
  readonly floorMiB: () => number;
}

const mebibyte = 1024 * 1024;

/** The same state, whose media store takes nothing new while less than the floor is free on its disk (http.md §15.3). */
export function sparingDisk(state: State, { freeBytes, floorMiB }: Disk): State {
  const { media } = state;
  const put: typeof media.put = async (source, facts) => {
    const free = await freeBytes();
    const floor = floorMiB();
    if (free !== undefined && free < floor * mebibyte) throw new StateError("disk_full", nearlyFull(floor));
    return media.put(source, facts);
  };
  // The handle may be a class instance: its own methods stay its own.
  return Object.create(state, { media: { value: { ...media, put } } });
}

const nearlyFull = (floorMiB: number) =>
  `The disk is nearly full: no files are taken until ${floorMiB} MiB are free again. Make room on it.`;
