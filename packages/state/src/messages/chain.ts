import { integer, type Row } from "../database/row.ts";
import { type Macs, sameMac } from "../integrity/macs.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Message } from "../types.ts";
import { type MessageRow, messageMac, parseMessageRow, sizeOf, toMessage } from "./row.ts";
import type { KeptMessage } from "./tails.ts";

/** What a part of a history must fit: messages with `after` < seq < `before` of this session. */
export interface ChainPlace {
  readonly macs: Macs;
  readonly session: SessionRow;
  readonly after: number;
  readonly before: number;
  /** What the first message builds on, if `after` is 0. */
  readonly first: Uint8Array | undefined;
}

export interface ChainReading {
  readonly messages: Message[];
  /** The same messages with the size of their stored text. */
  readonly kept: readonly KeptMessage[];
  /** What does not verify, in words; undefined if all does. */
  readonly broken: string | undefined;
}

/**
 * Reads rows in the order of their `seq`; with a place also verifies them: no gap, each MAC builds on the one before,
 * the newest is the session's head. The MAC of the row before the first is taken as it stands: a wrong one cannot make
 * a forged message verify. Rows that cannot be read are left out.
 */
export function readChain(place: ChainPlace | undefined, rows: readonly Row[]): ChainReading {
  const kept: KeptMessage[] = [];
  let broken: string | undefined;
  let previous = place?.first;
  let expected = place?.after ?? 0;
  for (const raw of rows) {
    const row = tryParse(raw);
    if (row === undefined) {
      broken ??= `message ${seqOf(raw) ?? "?"} cannot be read`;
      continue;
    }
    if (place !== undefined && row.seq === place.after) {
      previous = row.mac;
      continue;
    }
    if (place !== undefined) broken ??= judge(place, row, { mac: previous, seq: expected });
    expected++;
    const message = toMessage(row);
    if (message === undefined) broken ??= `message ${row.seq} cannot be read`;
    else kept.push({ message, size: sizeOf(row) });
    previous = row.mac;
  }
  if (place !== undefined) broken ??= judgeEnd(place, previous, expected);
  return { messages: kept.map(({ message }) => message), kept, broken };
}

/** The end of a history so far. */
interface Link {
  readonly mac: Uint8Array | undefined;
  readonly seq: number;
}

function judge(
  { macs, session }: ChainPlace,
  row: MessageRow,
  { mac: previous, seq }: Link,
): string | undefined {
  const expected = seq + 1;
  if (row.seq !== expected) return `message ${expected} is missing`;
  if (previous === undefined) return `message ${expected - 1} is missing`;
  if (row.generation !== session.generation || row.sessionId !== session.id)
    return `message ${row.seq} was put back`;
  if (!sameMac(messageMac(macs, previous, row), row.mac)) return `message ${row.seq} does not match its seal`;
  if (row.content !== undefined && !sameMac(macs.content(row.content), row.contentMac)) {
    return `the text of message ${row.seq} does not match its seal`;
  }
  return undefined;
}

function judgeEnd(place: ChainPlace, last: Uint8Array | undefined, seq: number): string | undefined {
  if (seq !== place.before - 1) return `message ${seq + 1} is missing`;
  if (seq === place.session.headSeq && !sameMac(last, place.session.headMac))
    return "its newest message was replaced";
  return undefined;
}

function tryParse(raw: Row): MessageRow | undefined {
  try {
    return parseMessageRow(raw);
  } catch {
    return undefined;
  }
}

function seqOf(raw: Row): number | undefined {
  try {
    return integer(raw, "seq");
  } catch {
    return undefined;
  }
}
