import { isRecord } from "@carapace/protocol";
import { parseJson } from "../database/stored.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type AuditReport, ChainChecker } from "./chain-checker.ts";
import { AuditHead, headLine } from "./head.ts";
import { AuditRecord, hashOfParsed, recordLine } from "./record.ts";

/** What a line of a log may have; longer ones are refused unread (state.md §9). */
export const maxAuditLineChars = 16_384;

/**
 * Checks an exported log. Needs no key and no database; constant memory.
 * @param lines Without their newlines, at most `maxAuditLineChars` long each: longer ones count as unreadable.
 * @param pinned The installation's public key, if the reader knows it (`ed25519:…`).
 */
export async function verifyAuditLines(lines: AsyncIterable<string>, pinned?: string): Promise<AuditReport> {
  const checker = new ChainChecker(pinned);
  let line = 0;
  let isChained = false;
  for await (const text of lines) {
    line++;
    const kind = checkLine(text, line, checker);
    if (kind === "chained") isChained = true;
    // An export has the lines of other logs before its own records, never among them.
    if (kind === "unchained" && isChained)
      checker.find("slipped_in", { line }, `Line ${line} stands among records of a chain it is no part of`);
  }
  if (line === 0) checker.find("truncated", {}, "The file is empty: an export has its closing head at least");
  if (isChained && !checker.isClosed()) {
    const last = checker.next() - 1;
    const say = `The file ends after record ${last} without its closing head: what followed was cut off`;
    checker.find("truncated", { line }, say);
  }
  return checker.report();
}

function checkLine(text: string, line: number, checker: ChainChecker): "chained" | "unchained" | "other" {
  const value = text.length > maxAuditLineChars ? undefined : parseJson(text);
  if (!isRecord(value)) {
    checker.find("unreadable", { line }, `Line ${line} cannot be read`);
    return "other";
  }
  const head = AuditHead.safeParse(value);
  if (head.success) {
    if (text !== headLine(head.data)) checker.find("changed", { line }, rewritten(line));
    checker.head(head.data, line);
    return "chained";
  }
  const record = AuditRecord.safeParse(value);
  if (record.success) {
    checkRecord(record.data, { text, line }, checker);
    return "chained";
  }
  if (isReferenceLine(value)) {
    checker.unchained();
    return "unchained";
  }
  checker.find("unreadable", { line }, `Line ${line} is no record of an audit log`);
  return "other";
}

interface Place {
  readonly text: string;
  readonly line: number;
}

// A parser may take the first of two equal names, and we the last: only the one way of writing a record counts.
function checkRecord(record: AuditRecord, { text, line }: Place, checker: ChainChecker): void {
  const actual = hashOfParsed(record);
  checker.record({ ...record, actual, line });
  if (actual === undefined || actual !== record.hash) return;
  if (text !== recordLine({ ...record, data: canonicalJson(record.data) }))
    checker.find("changed", { line }, rewritten(line));
}

function rewritten(line: number): string {
  return `Line ${line} is not written as it was exported`;
}

/** Whether a text is a line of the reference's own log, short enough to be one. */
export function isForeignLine(text: string): boolean {
  const value = text.length > maxAuditLineChars ? undefined : parseJson(text);
  return isRecord(value) && isReferenceLine(value) && !/[\r\n]/.test(text);
}

/** `{"ts","event","data"}` and nothing that would chain it: a line of the reference's own log. */
function isReferenceLine(value: Readonly<Record<string, unknown>>): boolean {
  const isChained = ["seq", "hash", "prevHash", "signature"].some((name) => Object.hasOwn(value, name));
  return !isChained && typeof value["event"] === "string" && typeof value["ts"] === "string";
}
