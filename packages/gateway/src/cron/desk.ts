import { systemClock } from "./alarm.ts";
import type { CronDesk, CronOptions } from "./cron.ts";
import { applyDeclared, readDeclared } from "./declared.ts";
import type { CronDeps } from "./deps.ts";
import { createJobs } from "./jobs.ts";
import { createCalendar } from "./schedule/calendar.ts";
import { Scheduler } from "./scheduler.ts";

interface Settings {
  readonly isEnabled: () => boolean;
  readonly entries: () => readonly Readonly<Record<string, unknown>>[];
}

type DeskOptions = Omit<CronOptions, "config"> &
  Pick<CronDeps, "maxConcurrent"> &
  Partial<Pick<CronDeps, "clock" | "calendar">>;

/** Opens the scheduler: runs of an earlier process are taken up, and every job is planned, before it returns. */
export async function openDesk(options: DeskOptions, { isEnabled, entries }: Settings): Promise<CronDesk> {
  const deps: CronDeps = {
    clock: systemClock(options.nowMs),
    calendar: createCalendar(),
    ...options,
  };
  const scheduler = new Scheduler(deps, isEnabled);
  const jobs = createJobs({ ...deps, scheduler });
  const declare = () => applyDeclared(readDeclared(entries()), { ...deps, scheduler, jobs });
  try {
    await declare();
    await scheduler.start();
  } catch (error) {
    await scheduler[Symbol.asyncDispose]();
    throw error;
  }
  let reloading: Promise<void> = Promise.resolve();
  return {
    ...{ scheduler, jobs },
    reload() {
      reloading = reloading.then(declare).then(() => scheduler.wake());
      return reloading;
    },
    async [Symbol.asyncDispose]() {
      await reloading.catch(() => undefined);
      await scheduler[Symbol.asyncDispose]();
    },
  };
}
