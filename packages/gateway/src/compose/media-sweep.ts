import type { MediaRepository } from "@carapace/state";
import type { Log } from "../log/log.ts";

/** Stored files live an hour or so (state.md §14). */
const sweepEveryMs = 300_000;

export interface MediaSweepDeps {
  readonly media: Pick<MediaRepository, "sweep">;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Removes stored files whose time is over, and what a crash left: at once and every five minutes. */
export function startMediaSweep(deps: MediaSweepDeps): Disposable {
  const timer = setInterval(() => void sweep(deps), sweepEveryMs);
  timer.unref();
  void sweep(deps);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function sweep({ media, nowMs, log }: MediaSweepDeps): Promise<void> {
  try {
    const swept = await media.sweep(nowMs());
    if (swept > 0) log.debug("old files were removed", { swept });
  } catch (error) {
    log.warn("old files could not be removed", { error });
  }
}
