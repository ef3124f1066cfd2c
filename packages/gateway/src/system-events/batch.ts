import { createHash } from "node:crypto";
import { mixOrigins, type Origin } from "@carapace/protocol";
import type { SystemEvent } from "@carapace/state";

/** How many events one heartbeat tells at most, and of how many bytes together; the others wait for the next. */
const maxEventsTold = 50;
const maxBytesTold = 65_536;

/** The events that one turn tells. */
export interface EventBatch {
  /** Made of the events' ids: the same events are one turn, whenever the process died. */
  readonly runId: string;
  readonly events: readonly SystemEvent[];
}

/** As many of the oldest events as one turn tells; undefined for none. Pure. */
export function batchOf(waiting: readonly SystemEvent[], prefix: string): EventBatch | undefined {
  let bytes = 0;
  const events = waiting.slice(0, maxEventsTold).filter((event, index) => {
    bytes += Buffer.byteLength(event.text);
    return index === 0 || bytes <= maxBytesTold;
  });
  if (events.length === 0) return undefined;
  const ids = JSON.stringify(events.map(({ id }) => id));
  const digest = createHash("sha256").update(ids).digest("hex").slice(0, 40);
  return { runId: `${prefix}${digest}`, events };
}

/** The events as the assistant reads them, each with its time and reason. */
export function toldText({ events }: EventBatch): string {
  const lines = events.map(
    ({ createdAtMs, reason, text }) => `- ${new Date(createdAtMs).toISOString()} (${reason}): ${text}`,
  );
  return ["What happened meanwhile:", ...lines].join("\n");
}

/** The program's own words around what others said: it is trusted only as far as all of them are. */
export function toldOrigin({ events }: EventBatch, ref: string): Origin {
  const origins = events.map(({ origin }) => origin);
  return mixOrigins("system", origins, ref);
}
