import type { Outbox } from "@carapace/channels";
import type { State } from "@carapace/state";
import type { Ingress } from "../ingress/types.ts";
import type { Log } from "../log/log.ts";
import type { Runs } from "../runs/types.ts";
import type { SystemEvents } from "../system-events/types.ts";
import type { EventHub } from "../types.ts";
import type { Uncounted } from "../usage/tracking.ts";
import type { CronClock } from "./alarm.ts";
import type { Calendar } from "./schedule/calendar.ts";

/** What schedules work with. */
export interface CronDeps {
  readonly state: Pick<State, "cron" | "cronRuns" | "runs" | "outbox" | "sessions" | "usage" | "audit">;
  readonly ingress: Ingress;
  readonly runs: Pick<Runs, "wait" | "abort">;
  readonly systemEvents: SystemEvents;
  readonly hub: EventHub;
  readonly clock: CronClock;
  readonly calendar: Calendar;
  readonly newId: () => string;
  readonly log: Log;
  /** `cron.maxConcurrentRuns`. */
  readonly maxConcurrent: () => number;
  /** Where alerts are sent and deliveries are heard of; undefined while there is none. */
  readonly outbox: () => Pick<Outbox, "enqueue" | "follow"> | undefined;
  readonly uncounted: Uncounted;
  /** Counts an ended run by its status. */
  readonly counted: (status: "ok" | "error" | "skipped") => void;
}
