import type { ConfigStore } from "@carapace/config";
import type { CronDeps } from "./deps.ts";
import type { Jobs } from "./jobs.ts";
import type { Scheduler } from "./scheduler.ts";

/** The scheduler with what changes its jobs. */
export interface CronDesk extends AsyncDisposable {
  readonly scheduler: Scheduler;
  readonly jobs: Jobs;
  /** The configuration has changed. */
  reload(): Promise<void>;
}

/** Scheduled jobs (agent.md §13). A gateway that has none loads nothing of this. */
export interface Cron extends AsyncDisposable {
  /**
   * Once, when messages can be taken in: takes up what an earlier process began, and plans the jobs, if there are any.
   * Nobody who waits for a start waits for it; a fault is logged.
   */
  begin(): void;
  /** Loads the scheduler, once; its jobs are planned when this returns. */
  desk(): Promise<CronDesk>;
  /** `cron.enabled`. */
  isEnabled(): boolean;
}

export interface CronOptions extends Omit<CronDeps, "calendar" | "clock" | "maxConcurrent"> {
  readonly config: Pick<ConfigStore, "current" | "onChange">;
  readonly nowMs: () => number;
}

export function createCron({ config, nowMs, ...rest }: CronOptions): Cron {
  const settings = () => config.current().config.cron;
  const isEnabled = () => settings().enabled;
  let loaded: Promise<CronDesk> | undefined;
  let isClosed = false;
  let beginning: Promise<unknown> | undefined;

  async function load(): Promise<CronDesk> {
    const { openDesk } = await import("./desk.ts");
    return await openDesk(
      { ...rest, nowMs, maxConcurrent: () => settings().maxConcurrentRuns },
      { isEnabled, entries: () => settings().entries },
    );
  }

  function desk(): Promise<CronDesk> {
    loaded ??= load().catch((error: unknown) => {
      // A disk that was full, say: the next who needs it tries again.
      loaded = undefined;
      throw error;
    });
    return loaded;
  }

  const hasJobs = async () => settings().entries.length > 0 || (await rest.state.cron.list()).length > 0;
  const unlisten = config.onChange(() => {
    if (isClosed || (loaded === undefined && settings().entries.length === 0)) return;
    desk()
      .then((opened) => opened.reload())
      .catch((error: unknown) => rest.log.error("scheduled jobs could not be changed", { error }));
  });
  return {
    ...{ desk, isEnabled },
    begin() {
      beginning = hasJobs()
        .then((has) => (has && !isClosed ? desk() : undefined))
        .catch((error: unknown) => rest.log.error("schedules could not be started", { error }));
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      unlisten();
      await beginning;
      const opened = await loaded?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
