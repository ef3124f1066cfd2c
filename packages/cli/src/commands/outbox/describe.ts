import { cleanLine } from "../../output/clean.ts";
import type { ShownMessage } from "./ask.ts";

const columns = ["ID", "CHANNEL", "TO", "STATUS", "TRIES", "CREATED (UTC)", "TEXT"] as const;
const maxTextChars = 40;
const maxToChars = 24;

/** A table of messages, and below a message why it was not delivered. Pure. */
export function messageTable(messages: readonly ShownMessage[], nowMs: number): string {
  const rows = messages.map(rowOf);
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const body = messages.flatMap((message, index) => [
    line(rows[index] ?? []),
    ...notesOf(message, nowMs).map((note) => `  ${note}`),
  ]);
  return [line(columns), ...body].join("\n");
}

/** A message on one line. Pure. */
export function messageLine(message: ShownMessage): string {
  const { id, channel, to, status, preview } = message;
  return cleanLine(`${id}: ${status}, over ${channel} to ${to}: ${preview}`);
}

function rowOf(message: ShownMessage): string[] {
  const { id, channel, to, status, attempts, maxAttempts, createdAtMs, preview } = message;
  const created = new Date(createdAtMs).toISOString().slice(0, 19).replace("T", " ");
  const texts = [id, channel, cut(to, maxToChars), status, `${attempts}/${maxAttempts}`, created];
  return [...texts, cut(preview, maxTextChars)].map(cleanLine);
}

function notesOf(message: ShownMessage, nowMs: number): string[] {
  const { lastError, nextAttemptAtMs, expiresAtMs, status, waitsFor } = message;
  const waits = status === "queued";
  return [
    ...(lastError === undefined ? [] : [cleanLine(lastError)]),
    ...(waitsFor === undefined ? [] : [cleanLine(`waits: ${waitsFor}`)]),
    ...(waits && waitsFor === undefined && nextAttemptAtMs !== undefined
      ? [`tried again ${inTime(nextAttemptAtMs - nowMs)}`]
      : []),
    ...(waits && expiresAtMs !== undefined ? [`not sent any more ${inTime(expiresAtMs - nowMs)}`] : []),
  ];
}

/** `now`, `in 5 s`, `in 3 min`, `in 2 h`. */
function inTime(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 0) return "now";
  if (seconds < 120) return `in ${seconds} s`;
  return seconds < 7200 ? `in ${Math.round(seconds / 60)} min` : `in ${Math.round(seconds / 3600)} h`;
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).toWellFormed()}…`;
}
