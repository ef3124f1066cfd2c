import type { Close, PresenceEntry } from "@carapace/protocol";
import type { ConnectionView } from "../types.ts";

/** An authenticated connection as the hub sees it. Contract: nothing here throws. */
export interface Member {
  readonly view: ConnectionView;
  /** What others see of it; its time is {@link lastActiveMs}. */
  readonly presence: Omit<PresenceEntry, "ts">;
  /** When it connected or last sent something. */
  readonly lastActiveMs: number;
  /** @returns false if its queue is full: it is closed then, and counts as a drop. */
  deliver(frame: string, bytes: number): boolean;
  close(close: Close): void;
}
