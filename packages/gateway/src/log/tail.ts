import type { TextPattern } from "@carapace/protocol";
import { formatLine } from "./format.ts";
import { isAtLeast, type LogLevel } from "./level.ts";
import type { LogEntry, LogRing } from "./ring.ts";

export interface TailQuery {
  readonly limit: number;
  readonly maxBytes: number;
  readonly cursor?: number;
  readonly level?: LogLevel;
  /** On the target. */
  readonly pattern?: TextPattern;
}

/** What `logs.tail` answers (websocket.md §12.1). */
export interface Tail {
  readonly cursor: number;
  readonly size: number;
  readonly entries: readonly LogEntry[];
  readonly lines: readonly string[];
  /** Older entries matched too and were left out by `limit` or `maxBytes`. */
  readonly truncated: boolean;
  /** The cursor was not in the ring (any more) and was ignored. */
  readonly reset: boolean;
}

/** Pure. The newest matching entries after the cursor, oldest first. */
export function tailLog(ring: LogRing, query: TailQuery): Tail {
  const all = ring.entries();
  const first = all[0]?.seq ?? 1;
  const last = all.at(-1)?.seq ?? 0;
  const reset = query.cursor !== undefined && (query.cursor < first - 1 || query.cursor > last);
  const after = query.cursor === undefined || reset ? 0 : query.cursor;
  const isWanted = perTarget(query.pattern);
  const matching = all.filter(
    (entry) =>
      entry.seq > after &&
      (query.level === undefined || isAtLeast(entry.level, query.level)) &&
      isWanted(entry.target),
  );
  const entries = newestWithin(matching, query.limit, query.maxBytes);
  return {
    cursor: last,
    size: all.length,
    entries,
    lines: entries.map(formatLine),
    truncated: entries.length < matching.length,
    reset,
  };
}

/** Targets are few and patterns may be slow: each is looked at once. */
function perTarget(pattern: TextPattern | undefined): (target: string) => boolean {
  if (pattern === undefined) return () => true;
  const known = new Map<string, boolean>();
  return (target) => {
    const answer = known.get(target) ?? pattern.test(target);
    known.set(target, answer);
    return answer;
  };
}

function newestWithin(entries: readonly LogEntry[], limit: number, maxBytes: number): LogEntry[] {
  const newest: LogEntry[] = [];
  let bytes = 0;
  for (const entry of entries.toReversed()) {
    bytes += Buffer.byteLength(formatLine(entry)) + 1;
    if (newest.length >= limit || bytes > maxBytes) break;
    newest.push(entry);
  }
  return newest.reverse();
}
