import { bytes, integer, lossyText, type Row, textColumns } from "../database/row.ts";
import { parseJson } from "../database/stored.ts";
import { sameMac } from "../integrity/macs.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { Seal, SealGroup } from "../integrity/seals.ts";
import { AuditHead, headLine } from "./head.ts";
import { firstPrevHash, hashOf, type RawRecord } from "./record.ts";

const auditSeals: SealGroup = { name: "audit", pages: 1 };
const headName = "head";

/** Where the log stands. */
export interface LogHead {
  /** 0 before the first record. */
  readonly seq: number;
  readonly hash: string;
  /** The newest record a signed head of the log covers. */
  readonly signedSeq: number;
}

export interface StoredRecord extends RawRecord {
  readonly atMs: number;
  /** What it holds is what was written, as far as its own MAC tells. */
  readonly isSound: boolean;
  /** The hash of what it holds. */
  readonly actual: string;
}

/** Which records are wanted. */
export interface AuditQuery {
  readonly afterSeq?: number | undefined;
  readonly throughSeq?: number | undefined;
  readonly event?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly limit: number;
  /** The newest of them instead of the oldest; oldest first all the same. */
  readonly newest?: boolean | undefined;
}

/** The rows of the log. Callers hold the transaction. */
export class AuditTable {
  readonly #deps: SealedDeps;

  constructor(deps: SealedDeps) {
    this.#deps = deps;
  }

  /** What the register says of the log: the one thing that shows that its newest records are gone. */
  sealed(): LogHead | Exclude<Seal["kind"], "sealed"> {
    const seal = this.#deps.seals.find(auditSeals, headName);
    if (seal.kind !== "sealed") return seal.kind;
    const [seq, hash, signedSeq] = seal.stamp.split(" ");
    return { seq: Number(seq), hash: hash ?? "", signedSeq: Number(signedSeq) };
  }

  seal({ seq, hash, signedSeq }: LogHead): void {
    this.#deps.seals.set(auditSeals, headName, `${seq} ${hash} ${signedSeq}`);
  }

  /** The newest record that is there, whatever the register says. */
  newest(): { seq: number; hash: string } {
    const row = this.#deps.connection.get(
      `SELECT seq, ${textColumns("hash")} FROM audit ORDER BY seq DESC LIMIT 1`,
    );
    if (row !== undefined) return { seq: integer(row, "seq"), hash: lossyText(row, "hash") };
    const cut = this.cutHead();
    return { seq: cut?.data.seq ?? 0, hash: cut?.data.hash ?? firstPrevHash };
  }

  insert(record: RawRecord, atMs: number): void {
    const { seq, actor, event, data, prevHash, hash } = record;
    const mac = this.#mac(record, atMs);
    this.#deps.connection.run(
      "INSERT INTO audit(seq, at, actor, event, data, prev_hash, hash, mac) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
      [seq, atMs, actor, event, data, prevHash, hash, mac],
    );
  }

  records(query: AuditQuery): StoredRecord[] {
    const order = query.newest === true ? "DESC" : "ASC";
    const event = query.event === undefined ? [] : [query.event];
    const sql = `SELECT seq, CAST(at AS INTEGER) AS at,
      ${textColumns("actor", "event", "data", "prev_hash", "hash", "mac")} FROM audit
      WHERE seq > ? AND seq <= ? AND audit.at >= ? ${event.length > 0 ? "AND audit.event = ?" : ""} ORDER BY seq ${order} LIMIT ?`;
    const through = query.throughSeq ?? Number.MAX_SAFE_INTEGER;
    const params = [query.afterSeq ?? 0, through, query.sinceMs ?? 0, ...event, query.limit];
    const rows = this.#deps.connection.all(sql, params);
    const read = rows.map((row) => this.#readRecord(row));
    return query.newest === true ? read.reverse() : read;
  }

  addHead(head: AuditHead): void {
    const { seq, reason } = head.data;
    const row = [seq, reason, headLine(head)];
    this.#deps.connection.run("INSERT INTO audit_heads(seq, reason, line) VALUES(?, ?, ?)", row);
  }

  /** The heads at these records, in their order; those that cannot be read are undefined. */
  heads(fromSeq: number, throughSeq: number): (AuditHead | { readonly unreadable: number })[] {
    const rows = this.#deps.connection.all(
      `SELECT CAST(seq AS INTEGER) AS seq, ${textColumns("line")} FROM audit_heads WHERE audit_heads.seq >= ? AND audit_heads.seq <= ?
       ORDER BY audit_heads.seq, reason = 'cut' DESC, n`,
      [fromSeq, throughSeq],
    );
    return rows.map((row) => readHead(row) ?? { unreadable: integer(row, "seq") });
  }

  /** The record before the first one that is not older. */
  lastBefore(atMs: number): number {
    const first = "SELECT seq FROM audit WHERE at >= ? ORDER BY seq LIMIT 1";
    const row = this.#deps.connection.get(first, [atMs]);
    return row === undefined ? this.newest().seq : integer(row, "seq") - 1;
  }

  /** The stub of the last cut. */
  cutHead(): AuditHead | undefined {
    const row = this.#deps.connection.get(
      `SELECT CAST(seq AS INTEGER) AS seq, ${textColumns("line")} FROM audit_heads WHERE reason = 'cut' ORDER BY audit_heads.seq DESC LIMIT 1`,
    );
    return row === undefined ? undefined : readHead(row);
  }

  /** Removes what a cut head stands for: the head must be there already. */
  removeThrough(seq: number): number {
    const { connection } = this.#deps;
    const removed = connection.run("DELETE FROM audit WHERE seq <= ?", [seq]);
    connection.run("DELETE FROM audit_heads WHERE seq < ?", [seq]);
    connection.run(
      `DELETE FROM audit_foreign WHERE NOT EXISTS
       (SELECT 1 FROM audit WHERE event = 'audit_imported' AND instr(data, audit_foreign.sha256) > 0)`,
    );
    return removed;
  }

  addForeign(sha256: string, lines: readonly string[]): void {
    for (const line of lines)
      this.#deps.connection.run("INSERT INTO audit_foreign(sha256, line) VALUES(?, ?)", [sha256, line]);
  }

  hasForeign(sha256: string): boolean {
    return (
      this.#deps.connection.get("SELECT 1 FROM audit_foreign WHERE sha256 = ? LIMIT 1", [sha256]) !==
      undefined
    );
  }

  /** Lines that were taken over from other logs, in their order. */
  foreign(sha256: string, after: number, limit: number): { n: number; line: string }[] {
    const rows = this.#deps.connection.all(
      `SELECT n, ${textColumns("line")} FROM audit_foreign WHERE sha256 = ? AND n > ? ORDER BY n LIMIT ?`,
      [sha256, after, limit],
    );
    return rows.map((row) => ({ n: integer(row, "n"), line: lossyText(row, "line") }));
  }

  /** Every line that was taken over, in the order it came. */
  allForeign(after: number, limit: number): { n: number; line: string }[] {
    const rows = this.#deps.connection.all(
      `SELECT n, ${textColumns("line")} FROM audit_foreign WHERE n > ? ORDER BY n LIMIT ?`,
      [after, limit],
    );
    return rows.map((row) => ({ n: integer(row, "n"), line: lossyText(row, "line") }));
  }

  #mac({ seq, actor, event, data, prevHash, hash }: RawRecord, atMs: number): Uint8Array {
    return this.#deps.macs.record("audit", [seq, atMs, actor, event, data, prevHash, hash]);
  }

  #readRecord(row: Row): StoredRecord {
    const atMs = integer(row, "at");
    const record = {
      seq: integer(row, "seq"),
      ts: timeText(atMs),
      actor: lossyText(row, "actor"),
      event: lossyText(row, "event"),
      data: lossyText(row, "data"),
      prevHash: lossyText(row, "prev_hash"),
      hash: lossyText(row, "hash"),
    };
    const isSound = sameMac(this.#mac(record, atMs), bytes(row, "mac"));
    return { ...record, atMs, isSound, actual: hashOf(record) };
  }
}

/** RFC 3339, UTC, milliseconds. */
export function timeText(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? "?" : date.toISOString();
}

function readHead(row: Row): AuditHead | undefined {
  return AuditHead.safeParse(parseJson(lossyText(row, "line"))).data;
}
