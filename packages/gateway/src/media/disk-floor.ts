import { type State, StateError } from "@carapace/state";

/** What is left to the database and its log, which matter more than pictures (http.md §14). */
const floorBytes = 100 * 1024 * 1024;

/**
 * The same state, whose media store takes nothing new while less than 100 MiB of its disk are free.
 * @param freeBytes of the disk; undefined where that cannot be told: nothing is refused then
 */
export function sparingDisk(state: State, freeBytes: () => Promise<number | undefined>): State {
  const { media } = state;
  const put: typeof media.put = async (source, facts) => {
    const free = await freeBytes();
    if (free !== undefined && free < floorBytes) throw new StateError("disk_full", nearlyFull);
    return media.put(source, facts);
  };
  // The handle may be a class instance: its own methods stay its own.
  return Object.create(state, { media: { value: { ...media, put } } });
}

const nearlyFull =
  "The disk is nearly full: no files are taken until 100 MiB are free again. Make room on it.";
