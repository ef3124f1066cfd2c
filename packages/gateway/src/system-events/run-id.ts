import { createHash } from "node:crypto";

/** The run that an event for now starts: ids of events may be as long as those of runs, without the word before them. */
export function eventRunId(eventId: string): string {
  const plain = `event:${eventId}`;
  if (plain.length <= 255) return plain;
  return `event:${createHash("sha256").update(eventId).digest("hex").slice(0, 40)}`;
}
