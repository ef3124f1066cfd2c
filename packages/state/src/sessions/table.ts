import { isCorruption } from "../database/failure.ts";
import { lossyText, type Row, storedMac, text } from "../database/row.ts";
import { StateError } from "../errors.ts";
import { macText, sameMac } from "../integrity/macs.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { SealGroup } from "../integrity/seals.ts";
import type { Damage } from "../types.ts";
import { emptyRow, parseSessionRow, type SessionRow, sessionMac } from "./row.ts";
import { SealedIds } from "./sealed-ids.ts";
import { insertSession, selectById, selectByKey, updateSession } from "./sql.ts";

/** Where sessions stand in the register: by key, so that a session whose rows are gone is still known by name. */
export const sessionSeals: SealGroup = { name: "sessions", pages: 64 };

/** A session's row and what is wrong with it. */
export interface LoadedSession {
  readonly row: SessionRow;
  readonly damage: Damage | undefined;
  /** Whether the row itself is as it was written, whatever else is damaged. */
  readonly isRowIntact: boolean;
}

/** The sessions' rows: every one read is checked, every one written is sealed. */
export class SessionTable {
  readonly #deps: SealedDeps;
  readonly #ids: SealedIds;

  constructor(deps: SealedDeps) {
    this.#deps = deps;
    this.#ids = new SealedIds({ ...deps, group: sessionSeals, idOf: stampId });
  }

  byKey(key: string): LoadedSession | undefined {
    const row = this.#get(selectByKey, key);
    return row === undefined || row === "unreadable" ? this.#missing(key, row) : this.check(row);
  }

  byId(id: string): LoadedSession | undefined {
    const row = this.#get(selectById, id);
    if (row !== undefined && row !== "unreadable") return this.check(row);
    const key = this.#ids.keyOf(id);
    if (key === undefined) return undefined;
    const seal = this.#deps.seals.find(sessionSeals, key);
    const isOfId = seal.kind === "sealed" && stampId(seal.stamp) === id;
    return isOfId ? this.#missing(key, row) : undefined;
  }

  /** The keys of all sessions the register lists. */
  keys(): string[] {
    return [...this.#deps.seals.list(sessionSeals).keys()];
  }

  /** @throws StateError `not_found`, `session_damaged` */
  writable(loaded: LoadedSession | undefined): SessionRow {
    if (loaded === undefined) throw new StateError("not_found", "There is no such session.");
    if (loaded.damage !== undefined) throw new StateError("session_damaged", loaded.damage.say);
    return loaded.row;
  }

  /** Checks a row against its MAC and the register. */
  check(raw: Row): LoadedSession {
    const row = parseSessionRow(raw);
    if (row === undefined) {
      const key = lossyText(raw, "key").slice(0, 255) || "?";
      const damage = this.report(key, "its record cannot be read");
      return { row: emptyRow(lossyText(raw, "id"), key), damage, isRowIntact: false };
    }
    const mac = sessionMac(this.#deps.macs, row, text(raw, "metadata"));
    const broken = this.#judge(row, mac, storedMac(raw));
    const known = this.#deps.damage.find({ scope: "session", name: row.key });
    if (broken === undefined) return { row, damage: known, isRowIntact: true };
    return { row, damage: this.report(row.key, broken), isRowIntact: false };
  }

  /** Sets a session aside. @returns the damage, as it was first found */
  report(key: string, what: string): Damage {
    const say = `The session "${key}" was changed outside of this program: ${what}. It can be read, but not continued: reset it, delete it, or restore a backup.`;
    return this.#deps.damage.report({ scope: "session", name: key, say });
  }

  insert(row: SessionRow): void {
    this.#store(insertSession, row);
  }

  update(row: SessionRow): void {
    this.#store(updateSession, row);
  }

  remove(row: SessionRow): void {
    this.#deps.connection.run("DELETE FROM sessions WHERE id = ? OR key = ?", [row.id, row.key]);
    this.#deps.seals.remove(sessionSeals, row.key);
    this.#ids.forget();
    this.#deps.damage.settle({ scope: "session", name: row.key });
  }

  #store(sql: string, row: SessionRow): void {
    const metadata = JSON.stringify(row.metadata);
    const mac = sessionMac(this.#deps.macs, row, metadata);
    this.#deps.connection.run(sql, [
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
      mac,
      row.id,
    ]);
    this.#deps.seals.set(sessionSeals, row.key, stampOf(row.id, mac));
    this.#ids.set(row.id, row.key);
  }

  #judge(row: SessionRow, mac: Uint8Array, stored: Uint8Array): string | undefined {
    if (!sameMac(mac, stored)) return "its record does not match its seal";
    const seal = this.#deps.seals.find(sessionSeals, row.key);
    if (seal.kind === "absent") return "it is not in the register";
    if (seal.kind === "broken") return "the register page that lists it is damaged";
    return seal.stamp === stampOf(row.id, mac) ? undefined : "an older copy of it was put back";
  }

  #get(sql: string, value: string): Row | undefined | "unreadable" {
    try {
      return this.#deps.connection.get(sql, [value]);
    } catch (error) {
      if (isCorruption(error)) return "unreadable";
      throw error;
    }
  }

  // A session the register lists and whose row is gone: it stands in with what is known of it.
  #missing(key: string, row: undefined | "unreadable"): LoadedSession | undefined {
    const seal = this.#deps.seals.find(sessionSeals, key);
    if (seal.kind !== "sealed") return undefined;
    const damage = this.report(
      key,
      row === undefined ? "its record was removed" : "its record cannot be read",
    );
    return { row: emptyRow(stampId(seal.stamp), key), damage, isRowIntact: false };
  }
}

function stampOf(id: string, mac: Uint8Array): string {
  return `${macText(mac)} ${id}`;
}

function stampId(stamp: string): string {
  return stamp.slice(stamp.indexOf(" ") + 1);
}
