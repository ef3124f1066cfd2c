import { cleanLine } from "../../output/clean.ts";
import { shortened, tableLines } from "../../output/table.ts";
import { fromNow, utcTime } from "../../output/times.ts";
import type { ShownMessage } from "./ask.ts";

const columns = ["ID", "CHANNEL", "TO", "STATUS", "TRIES", "CREATED (UTC)", "TEXT"] as const;
const maxTextChars = 40;
const maxToChars = 24;

/** A table of messages, and below a message why it was not delivered. Pure. */
export function messageTable(messages: readonly ShownMessage[], nowMs: number): string {
  const below = messages.map((message) => notesOf(message, nowMs));
  return tableLines(columns, messages.map(rowOf), below).join("\n");
}

/** A message on one line. Pure. */
export function messageLine(message: ShownMessage): string {
  const { id, channel, to, status, preview } = message;
  return cleanLine(`${id}: ${status}, over ${channel} to ${to}: ${preview}`);
}

function rowOf(message: ShownMessage): string[] {
  const { id, channel, to, status, attempts, maxAttempts, createdAtMs, preview } = message;
  const tries = `${attempts}/${maxAttempts}`;
  const created = utcTime(createdAtMs) ?? "-";
  return [id, channel, shortened(to, maxToChars), status, tries, created, shortened(preview, maxTextChars)];
}

function notesOf(message: ShownMessage, nowMs: number): string[] {
  const { lastError, nextAttemptAtMs, expiresAtMs, status, waitsFor } = message;
  const waits = status === "queued";
  return [
    ...(lastError === undefined ? [] : [lastError]),
    ...(waitsFor === undefined ? [] : [`waits: ${waitsFor}`]),
    ...(waits && waitsFor === undefined && nextAttemptAtMs !== undefined
      ? [`tried again ${soon(nextAttemptAtMs, nowMs)}`]
      : []),
    ...(waits && expiresAtMs !== undefined ? [`not sent any more ${soon(expiresAtMs, nowMs)}`] : []),
  ];
}

/** What should have happened happens now. */
function soon(atMs: number, nowMs: number): string {
  return fromNow(Math.max(atMs, nowMs), nowMs);
}
