import type { ExitCode } from "../command/definition.ts";
import { untilSignal } from "../until-signal.ts";
import type { CliWorld } from "../world.ts";

/** A change of several files that is beyond recall, but that this process could not carry out. Pure. */
export function unfinishedSay(what: string, why: string): string {
  return `the ${what} is decided but not finished (${why}): the next start of the gateway finishes it`;
}

/**
 * Runs work that cleans up after itself when it is told to stop; a second signal ends the process at once. What the
 * state refuses is told in its own words.
 * @returns the work's exit code; 130 if a signal ended it
 */
export async function interruptible(
  world: CliWorld,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  using stop = untilSignal();
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted) {
      world.out.note("Stopped. Nothing was changed.");
      return 130;
    }
    const { StateError } = await import("@carapace/state");
    if (error instanceof StateError) return world.out.fail(error.message);
    throw error;
  }
}
