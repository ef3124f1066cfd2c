import { parseJson } from "../database/stored.ts";
import { StateError } from "../errors.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { ChainChecker } from "./chain-checker.ts";
import type { AuditHead } from "./head.ts";
import { AuditRecord, firstPrevHash, hashOfParsed } from "./record.ts";
import type { SigningKey } from "./signing-key.ts";
import { type AuditTable, type StoredRecord, timeText } from "./table.ts";
import type { AuditBounds, AuditPage, AuditReader } from "./types.ts";
import { logPieces, runPieces } from "./verify.ts";

export interface ViewDeps extends Pick<SealedDeps, "connection"> {
  readonly table: AuditTable;
  readonly key: SigningKey;
  readonly nowMs: () => number;
}

/** Reading the log; writes nothing. */
export function createAuditReader({ connection, table, key, nowMs }: ViewDeps): AuditReader {
  return {
    tail: async (query) =>
      connection.read((): AuditPage => {
        const stored = table.records(query);
        const first = stored[0]?.seq;
        const through = stored.at(-1)?.seq;
        const heads =
          first === undefined || through === undefined ? [] : table.heads(first === 1 ? 0 : first, through);
        const publicKey = key.find()?.publicKey;
        return {
          records: stored.map(shownRecord),
          heads: heads.filter((head): head is AuditHead => !("unreadable" in head)),
          headSeq: table.newest().seq,
          ...(publicKey === undefined ? {} : { publicKey }),
        };
      }),
    async verify(signal) {
      const checker = new ChainChecker(connection.read(() => key.find()?.publicKey));
      await runPieces(logPieces(table, checker), { checker, signal, read: (work) => connection.read(work) });
      return checker.report();
    },
    foreign: async (after, limit) => connection.read(() => table.allForeign(after, limit)),
    bounds: async (afterSeq, throughSeq) =>
      connection.read(() => boundsOf({ table, key, nowMs }, afterSeq, throughSeq)),
  };
}

/** What cannot be read as a record any more is shown as far as it can be; verifying names it. */
function shownRecord({ data, ...stored }: StoredRecord): AuditRecord {
  const { isSound, actual, atMs, ...record } = stored;
  const parsed = AuditRecord.shape.data.safeParse(parseJson(data));
  const isCanonical = parsed.success && hashOfParsed({ ...record, data: parsed.data }) !== undefined;
  return { ...record, data: isCanonical ? parsed.data : { unreadable: data } };
}

function boundsOf(
  { table, key, nowMs }: Omit<ViewDeps, "connection">,
  afterSeq: number,
  throughSeq: number,
): AuditBounds {
  const signer = key.find();
  if (signer === undefined) throw new StateError("not_found", "The audit log has no signed head yet.");
  const ts = timeText(nowMs());
  const end = signer.sign({ ts, ...placeOf(table, throughSeq), reason: "export" });
  const cut = table.cutHead();
  if (cut !== undefined && cut.data.seq >= afterSeq) return { start: cut, end };
  if (afterSeq === 0) return { end };
  return { start: signer.sign({ ts, ...placeOf(table, afterSeq), reason: "start" }), end };
}

function placeOf(table: AuditTable, seq: number): { seq: number; hash: string } {
  if (seq === 0) return { seq, hash: firstPrevHash };
  const record = table.records({ afterSeq: seq - 1, throughSeq: seq, limit: 1 })[0];
  if (record !== undefined) return { seq, hash: record.hash };
  const cut = table.cutHead();
  if (cut?.data.seq === seq) return { seq, hash: cut.data.hash };
  throw new StateError("not_found", `The audit log has no record ${seq}.`);
}
