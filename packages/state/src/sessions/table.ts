import type { Connection } from "../database/connection.ts";
import { bytes, type Row, text } from "../database/row.ts";
import { StateError } from "../errors.ts";
import type { DamageLog } from "../integrity/damage.ts";
import { type Macs, macText, sameMac } from "../integrity/macs.ts";
import type { SealGroup, Seals } from "../integrity/seals.ts";
import type { Damage } from "../types.ts";
import { parseSessionRow, type SessionRow, sessionMac } from "./row.ts";

/** Where sessions stand in the register: by key, so that a session whose rows are gone is still known by name. */
export const sessionSeals: SealGroup = { name: "sessions", pages: 64 };

/** A session's row and what is wrong with it. */
export interface LoadedSession {
  readonly row: SessionRow;
  readonly damage: Damage | undefined;
}

export interface TableDeps {
  readonly connection: Connection;
  readonly macs: Macs;
  readonly seals: Seals;
  readonly damage: DamageLog;
}

/** The sessions' rows: every one read is checked, every one written is sealed. */
export class SessionTable {
  readonly #deps: TableDeps;

  constructor(deps: TableDeps) {
    this.#deps = deps;
  }

  byKey(key: string): LoadedSession | undefined {
    const row = this.#deps.connection.get("SELECT * FROM sessions WHERE key = ?", [key]);
    return row === undefined ? this.#missing(key) : this.check(row);
  }

  byId(id: string): LoadedSession | undefined {
    const row = this.#deps.connection.get("SELECT * FROM sessions WHERE id = ?", [id]);
    if (row !== undefined) return this.check(row);
    const sealed = [...this.#deps.seals.list(sessionSeals)].find(([, stamp]) => stampId(stamp) === id);
    return sealed === undefined ? undefined : this.#missing(sealed[0]);
  }

  /** @throws StateError `not_found`, `session_damaged` */
  writable(loaded: LoadedSession | undefined): SessionRow {
    if (loaded === undefined) throw new StateError("not_found", "There is no such session.");
    if (loaded.damage !== undefined) throw new StateError("session_damaged", loaded.damage.say);
    return loaded.row;
  }

  check(raw: Row): LoadedSession {
    const { macs, seals } = this.#deps;
    const row = parseSessionRow(raw);
    const known = this.#deps.damage.find("session", row.key);
    if (known !== undefined) return { row, damage: known };
    const mac = sessionMac(macs, row, text(raw, "metadata"));
    if (!sameMac(mac, bytes(raw, "mac")))
      return { row, damage: this.report(row.key, "its record was changed") };
    const seal = seals.find(sessionSeals, row.key);
    if (seal.kind === "sealed" && seal.stamp === stampOf(row.id, mac)) return { row, damage: undefined };
    return { row, damage: this.report(row.key, sealReasons[seal.kind]) };
  }

  report(key: string, what: string): Damage {
    const say = `The session "${key}" was changed outside of this program: ${what}. It can be read, but not continued: reset it, delete it, or restore a backup.`;
    return this.#deps.damage.report({ scope: "session", name: key, say });
  }

  insert(row: SessionRow): void {
    const metadata = JSON.stringify(row.metadata);
    const mac = sessionMac(this.#deps.macs, row, metadata);
    this.#deps.connection.run(insertSql, [...columns(row, metadata), mac, row.id]);
    this.#deps.seals.set(sessionSeals, row.key, stampOf(row.id, mac));
  }

  update(row: SessionRow): void {
    const metadata = JSON.stringify(row.metadata);
    const mac = sessionMac(this.#deps.macs, row, metadata);
    this.#deps.connection.run(updateSql, [...columns(row, metadata), mac, row.id]);
    this.#deps.seals.set(sessionSeals, row.key, stampOf(row.id, mac));
  }

  remove(row: SessionRow): void {
    this.#deps.connection.run("DELETE FROM sessions WHERE id = ?", [row.id]);
    this.#deps.seals.remove(sessionSeals, row.key);
    this.#deps.damage.settle("session", row.key);
  }

  // The register lists a session whose row is gone: it stands in with what is known of it.
  #missing(key: string): LoadedSession | undefined {
    const seal = this.#deps.seals.find(sessionSeals, key);
    if (seal.kind === "absent") return undefined;
    if (seal.kind === "broken") return this.#unknowable(key);
    const damage = this.report(key, "its record was removed");
    return { row: emptyRow(stampId(seal.stamp), key), damage };
  }

  // Whether there was a session of this name cannot be told any more; a root that is broken refuses every write anyway.
  #unknowable(_key: string): undefined {
    return undefined;
  }
}

const sealReasons = {
  sealed: "an older copy of it was put back",
  absent: "it is not in the register",
  broken: "the register page that lists it was damaged",
} as const;

const insertSql = `INSERT INTO sessions(key, status, metadata, generation, head_seq, head_mac, open_runs,
  compaction_mac, archive_mac, created_at, updated_at, mac, id) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const updateSql = `UPDATE sessions SET key = ?, status = ?, metadata = ?, generation = ?, head_seq = ?, head_mac = ?,
  open_runs = ?, compaction_mac = ?, archive_mac = ?, created_at = ?, updated_at = ?, mac = ? WHERE id = ?`;

function columns(row: SessionRow, metadata: string) {
  return [
    row.key,
    row.status,
    metadata,
    row.generation,
    row.headSeq,
    row.headMac,
    row.openRuns,
    row.compactionMac ?? null,
    row.archiveMac ?? null,
    row.createdAtMs,
    row.updatedAtMs,
  ];
}

function stampOf(id: string, mac: Uint8Array): string {
  return `${macText(mac)} ${id}`;
}

function stampId(stamp: string): string {
  return stamp.slice(stamp.indexOf(" ") + 1);
}

function emptyRow(id: string, key: string): SessionRow {
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
