import { StateError } from "../errors.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { Redact } from "./entry.ts";
import { SigningKey } from "./signing-key.ts";
import { AuditTable, timeText } from "./table.ts";
import type { Audit, AuditRetention } from "./types.ts";
import { digestOf } from "./verify.ts";
import { isForeignLine } from "./verify-lines.ts";
import { createAuditReader, type ViewDeps } from "./view.ts";
import { AuditWriter } from "./writer.ts";

export interface AuditLogDeps extends SealedDeps {
  readonly nowMs: () => number;
  readonly redact: Redact;
  readonly onFault: (error: unknown) => void;
}

export interface AuditLog {
  readonly audit: Audit;
  readonly table: AuditTable;
  /** Writes what waits and signs the end. Never throws. */
  close(): void;
}

/** Rows that go with one signed cut: short enough that nobody waits for it. */
const cutAtOnce = 2000;
const maxForeignLines = 1_000_000;

/** Opens the log of an open state. Call it before the register listens: its seal must be part of the same commit. */
export function createAuditLog(deps: AuditLogDeps): AuditLog {
  const table = new AuditTable(deps);
  const key = new SigningKey(deps);
  const writer = new AuditWriter({ ...deps, table, key });
  deps.connection.listen(writer, "first");
  const view = { ...deps, table, key };
  const reader = createAuditReader(view);
  const audit: Audit = {
    ...reader,
    // Who reads sees everything that was told until then.
    tail: (query) => {
      writer.flush();
      return reader.tail(query);
    },
    verify: (signal) => {
      writer.flush();
      return reader.verify(signal);
    },
    append: (event) => writer.append(event),
    record: (event) => writer.record(event),
    together: (event, work) => writer.together(event, work),
    flush: async () => writer.flush(),
    cut: (retention) => {
      writer.flush();
      return cut(retention, view);
    },
    appendForeign: async (lines, source) => {
      const added = addForeign(lines, source, { ...view, writer, redact: deps.redact });
      writer.flush();
      return added;
    },
  };
  return { audit, table, close: () => writer.close() };
}

async function cut({ beforeMs, maxRecords }: AuditRetention, view: ViewDeps): Promise<number> {
  const { connection, table } = view;
  let removed = 0;
  for (;;) {
    const wanted = connection.read(() => {
      const oldest = table.records({ limit: 1 })[0]?.seq ?? Number.MAX_SAFE_INTEGER;
      const last = Math.max(table.lastBefore(beforeMs), table.newest().seq - maxRecords);
      return last < oldest ? undefined : Math.min(last, oldest + cutAtOnce - 1);
    });
    if (wanted === undefined) return removed;
    removed += connection.write(() => cutThrough(wanted, view));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The caller holds the transaction. */
function cutThrough(seq: number, { table, key, nowMs }: ViewDeps): number {
  const last = table.records({ throughSeq: seq, limit: 1, newest: true })[0];
  if (last === undefined) return 0;
  const facts = { ts: timeText(nowMs()), seq: last.seq, hash: last.hash, reason: "cut" } as const;
  table.addHead(key.findOrMake().sign(facts));
  return table.removeThrough(last.seq);
}

interface Importing extends ViewDeps {
  readonly writer: AuditWriter;
  readonly redact: Redact;
}

function addForeign(
  lines: readonly string[],
  source: string,
  { connection, table, writer, redact }: Importing,
): number {
  if (lines.length > maxForeignLines)
    throw new StateError(
      "invalid",
      `${source} has more than ${maxForeignLines} lines: take it over in parts.`,
    );
  // What stands in another program's log is not what this one vouches for: secrets go, the rest stays as it is.
  const kept = lines.map((line) => redact(line.toWellFormed())).filter(isForeignLine);
  if (kept.length === 0) return 0;
  const digest = digestOf(kept);
  return connection.write(() => {
    if (table.hasForeign(digest)) return 0;
    table.addForeign(digest, kept);
    const data = { source, sha256: digest, line_count: kept.length };
    writer.record({ actor: "cli", event: "audit_imported", data });
    return kept.length;
  });
}
