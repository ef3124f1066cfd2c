import type { Origin, Result } from "@carapace/protocol";

/** Something that happened, for the assistant to know. */
export interface NewSystemEvent {
  /** The same again changes nothing. */
  readonly id: string;
  /** Cut at 8192 bytes (http.md §8.1). */
  readonly text: string;
  /** `hook-wake-now`, `cron`. */
  readonly reason: string;
  /** `now`: a turn of the main session begins. `next-heartbeat`: it is told with the next heartbeat. */
  readonly mode: "now" | "next-heartbeat";
  readonly origin: Origin;
}

/** Tells the assistant of things that happened (http.md §8.1, agent.md §13). */
export interface SystemEvents {
  /**
   * Durable before it returns, in either mode.
   * @returns the run that was started, if one was; refused like any message that cannot be taken in.
   */
  submit(event: NewSystemEvent): Promise<Result<{ readonly runId?: string }>>;
}
