import type { AuditReport } from "./chain-checker.ts";
import type { AuditEvent } from "./entry.ts";
import type { AuditHead } from "./head.ts";
import type { AuditRecord } from "./record.ts";
import type { AuditQuery } from "./table.ts";

/** A part of the log. */
export interface AuditPage {
  /** Oldest first. */
  readonly records: readonly AuditRecord[];
  /** The signed heads of the log at these records and between them. */
  readonly heads: readonly AuditHead[];
  /** The newest record's number; 0 while there is none. */
  readonly headSeq: number;
  /** The key heads are signed with (`ed25519:…`), once there is one. */
  readonly publicKey?: string;
}

/** Signed on demand: where an export begins, and where it ends. */
export interface AuditBounds {
  /** Absent if the export begins with the first record. */
  readonly start?: AuditHead;
  readonly end: AuditHead;
}

/** Reads the log. */
export interface AuditReader {
  tail(query: AuditQuery): Promise<AuditPage>;
  /** Checks chain, seals, signatures, and that nothing is missing at either end. Gives way to other work. */
  verify(signal?: AbortSignal): Promise<AuditReport>;
  /** Lines that were taken over from the reference's logs, oldest import first. */
  foreign(after: number, limit: number): Promise<readonly ForeignLine[]>;
  /**
   * Signs the ends of an export of the records after `afterSeq`, through `throughSeq`; nothing is written.
   * @throws StateError `not_found` if there is no such record, or no key yet
   */
  bounds(afterSeq: number, throughSeq: number): Promise<AuditBounds>;
}

/** A line of another log, as it stood there: `{"ts","event","data"}` without a chain. */
export interface ForeignLine {
  readonly n: number;
  readonly line: string;
}

/** What retention keeps. */
export interface AuditRetention {
  /** Older records go. */
  readonly beforeMs: number;
  /** Beyond this number the oldest go. */
  readonly maxRecords: number;
}

/** The audit log of an open state. */
export interface Audit extends AuditReader {
  /**
   * Resolves once the event is durable; those of one moment share a transaction. For decisions about who may do what:
   * await it before the decision is acknowledged.
   * @throws StateError if it could not be written; it is kept and tried again while the process lives
   */
  append(event: AuditEvent): Promise<void>;
  /**
   * The same for what need not wait: it goes with the next transaction, or within 100 ms. Inside a transaction it stands
   * or falls with that. Never throws, never waits; beyond 10,000 that wait, events are counted instead.
   */
  record(event: AuditEvent): void;
  /**
   * The event of a change that `work` stores: both in one transaction, or neither.
   * @param work Begins its transaction before its first await; without one the event is not written.
   */
  together<T>(event: AuditEvent, work: () => Promise<T>): Promise<T>;
  /** Writes what waits. */
  flush(): Promise<void>;
  /** Removes what need not be kept, behind a signed head. @returns how many records went */
  cut(retention: AuditRetention): Promise<number>;
  /**
   * Takes over the lines of another log as they are; a record of this one holds their digest. The same lines twice are
   * taken over once. What is no line of the reference's log, or looks like a chained one, is left out.
   * @param source Where they come from, in words; no secret.
   * @returns how many lines were added
   */
  appendForeign(lines: readonly string[], source: string): Promise<number>;
}
