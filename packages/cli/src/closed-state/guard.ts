import type { Result } from "@carapace/protocol";
import type { Place } from "./place.ts";

/** Ending a service by its number only starts it anew. */
const howToStop = "One that runs as a service: cara service stop. Any other: Ctrl-C where it runs.";

/**
 * The running-daemon guard (cli.md §2.7): nobody else works on the state directory until it is disposed of, and what an
 * earlier process left undone is done.
 * @returns the refusal `conflict` while a gateway runs
 */
export async function guarded(place: Place): Promise<Result<AsyncDisposable>> {
  const [{ acquireInstanceLock, finishPendingChange }, { storeRestoredCredentials }] = await Promise.all([
    import("@carapace/state"),
    import("@carapace/state/backup"),
  ]);
  const lock = await acquireInstanceLock(place.dir);
  if (!lock.ok) return { ...lock, say: `${lock.say} ${howToStop}` };
  try {
    finishPendingChange(place.dir, [place.configPath]);
    await storeRestoredCredentials(place.dir, place.credentials);
    return lock;
  } catch (error) {
    await lock.value[Symbol.asyncDispose]();
    throw error;
  }
}
