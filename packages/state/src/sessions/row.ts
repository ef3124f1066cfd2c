import { isRecord, SessionKey } from "@carapace/protocol";
import { bytes, integer, optionalBytes, type Row, text } from "../database/row.ts";
import { StateError } from "../errors.ts";
import type { Macs } from "../integrity/macs.ts";
import type { Damage, Session, SessionMetadata, SessionStatus } from "../types.ts";

/** A session as its row keeps it. */
export interface SessionRow {
  readonly id: string;
  readonly key: string;
  readonly status: SessionStatus;
  readonly metadata: SessionMetadata;
  /** Changes when the history is dropped: messages of an earlier one do not fit any more. */
  readonly generation: string;
  /** The newest message, 0 without one, and its MAC. */
  readonly headSeq: number;
  readonly headMac: Uint8Array;
  /** A MAC over the MACs of all runs that have not ended. */
  readonly openRuns: Uint8Array;
  readonly compactionMac: Uint8Array | undefined;
  readonly archiveMac: Uint8Array | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

const statuses: readonly SessionStatus[] = ["active", "paused", "archived", "compacting"];

/** Reads a row whose MAC is still to be checked; undefined if it does not hold a session. */
export function parseSessionRow(row: Row): SessionRow | undefined {
  try {
    return SessionKey.safeParse(text(row, "key")).success ? readRow(row) : undefined;
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}

function readRow(row: Row): SessionRow {
  const status = text(row, "status");
  return {
    id: text(row, "id"),
    key: text(row, "key"),
    status: statuses.find((known) => known === status) ?? "paused",
    metadata: parseMetadata(text(row, "metadata")),
    generation: text(row, "generation"),
    headSeq: integer(row, "head_seq"),
    headMac: bytes(row, "head_mac"),
    openRuns: bytes(row, "open_runs"),
    compactionMac: optionalBytes(row, "compaction_mac"),
    archiveMac: optionalBytes(row, "archive_mac"),
    createdAtMs: integer(row, "created_at"),
    updatedAtMs: integer(row, "updated_at"),
  };
}

function parseMetadata(json: string): SessionMetadata {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** @param metadata The metadata's JSON exactly as it is stored. */
export function sessionMac(macs: Macs, row: SessionRow, metadata: string): Uint8Array {
  return macs.record("session", [
    row.id,
    row.key,
    row.status,
    metadata,
    row.generation,
    row.headSeq,
    row.headMac,
    row.openRuns,
    row.compactionMac,
    row.archiveMac,
    row.createdAtMs,
    row.updatedAtMs,
  ]);
}

export function toSession(row: SessionRow, damage?: Damage): Session {
  return {
    id: row.id,
    key: SessionKey.parse(row.key),
    status: row.status,
    metadata: row.metadata,
    messageCount: row.headSeq,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
    ...(damage === undefined ? {} : { damage }),
  };
}

/** What stands in for a session whose row is gone. */
export function emptyRow(id: string, key: string): SessionRow {
  const none = new Uint8Array(32);
  return {
    id,
    key,
    status: "active",
    metadata: {},
    generation: "",
    headSeq: 0,
    headMac: none,
    openRuns: none,
    compactionMac: undefined,
    archiveMac: undefined,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

/** Given keys over stored ones; absent and undefined keys stay. */
export function mergeMetadata(stored: SessionMetadata, given: SessionMetadata): SessionMetadata {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...stored, ...Object.fromEntries(set) };
}

/** `updatedAtMs` grows with every change, whatever the clock does. */
export function nextUpdate(row: SessionRow, nowMs: number): number {
  return Math.max(nowMs, row.updatedAtMs + 1);
}
