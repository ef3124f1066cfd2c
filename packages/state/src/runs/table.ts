import type { Connection } from "../database/connection.ts";
import { blobColumns, lossyText, numberColumns, type Row, storedMac, textColumns } from "../database/row.ts";
import { type Macs, macText, sameMac } from "../integrity/macs.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { SealGroup, Seals } from "../integrity/seals.ts";
import type { LoadedSession, SessionTable } from "../sessions/table.ts";
import type { Run } from "../types.ts";
import { type RunRow, runColumns, verifyRunRow } from "./row.ts";

/** All that is stored of runs. */
export const selectRuns = `SELECT ${textColumns("id", "session_id", "session_key", "status", "input", "options", "tools", "outcome")},
  n, ${numberColumns("attempts", "created_at", "started_at", "ended_at")}, ${blobColumns("mac")} FROM runs`;

/** Where runs that have ended stand in the register, until they are forgotten. */
const runSeals: SealGroup = { name: "runs", pages: 32 };

export interface RunTableDeps extends Omit<SealedDeps, "damage"> {
  readonly sessions: SessionTable;
}

/**
 * The runs' rows. A session's row lists, as one MAC, all of its runs that have not ended; those that have are in the
 * register, so that one which was taken away is not accepted, and carried out, a second time.
 */
export class RunTable {
  readonly #connection: Connection;
  readonly #macs: Macs;
  readonly #seals: Seals;
  readonly #sessions: SessionTable;

  constructor({ connection, macs, seals, sessions }: RunTableDeps) {
    this.#connection = connection;
    this.#macs = macs;
    this.#seals = seals;
    this.#sessions = sessions;
  }

  /** @returns the run, "damaged" if its row does not verify (its session is then set aside), undefined without one. */
  find(id: string): RunRow | "damaged" | undefined {
    const raw = this.#connection.get(`${selectRuns} WHERE runs.id = ?`, [id]);
    if (raw !== undefined) return this.verify(raw);
    const seal = this.#seals.find(runSeals, id);
    if (seal.kind !== "sealed") return undefined;
    const session = this.#sessions.byId(readStamp(seal.stamp).sessionId);
    if (session !== undefined) this.#sessions.report(session.row.key, `its run ${id} was removed`);
    return "damaged";
  }

  verify(raw: Row): RunRow | "damaged" {
    const found = verifyRunRow(this.#macs, raw);
    const broken = found === undefined ? "does not match its seal" : this.#judgeEnd(found, storedMac(raw));
    if (found !== undefined && broken === undefined) return found;
    this.#sessions.report(lossyText(raw, "session_key"), `its run ${lossyText(raw, "id")} ${broken}`);
    return "damaged";
  }

  /** The ids of all ended runs the register lists. */
  endedIds(): string[] {
    return [...this.#seals.list(runSeals).keys()];
  }

  /** The runs of a session that have not ended, oldest first. */
  open(sessionId: string): Row[] {
    return this.#connection.all(
      `${selectRuns} WHERE runs.session_id = ? AND runs.ended_at IS NULL ORDER BY n`,
      [sessionId],
    );
  }

  /** What the session's row must say of its open runs. */
  openMac(sessionId: string): Uint8Array {
    const rows = this.#connection.all(
      `SELECT ${blobColumns("mac")} FROM runs WHERE session_id = ? AND ended_at IS NULL ORDER BY n`,
      [sessionId],
    );
    return this.#macs.record(
      "open-runs",
      rows.map((row) => storedMac(row)),
    );
  }

  /** Checks that the open runs are those the session knows; reports it damaged otherwise. */
  checkOpen(session: LoadedSession): LoadedSession {
    if (session.damage !== undefined) return session;
    if (sameMac(this.openMac(session.row.id), session.row.openRuns)) return session;
    return { ...session, damage: this.#sessions.report(session.row.key, "its waiting runs were changed") };
  }

  insert(row: RunRow): void {
    const columns = runColumns(row);
    this.#connection.run(insertSql, [...columns, this.#macs.record("run", columns)]);
  }

  update(row: RunRow): void {
    const columns = runColumns(row);
    const mac = this.#macs.record("run", columns);
    this.#connection.run(updateSql, [...columns.slice(1), mac, row.run.id]);
    if (row.run.endedAtMs !== undefined) this.#seals.set(runSeals, row.run.id, stampOf(row.run, mac));
  }

  removeOfSession(sessionId: string): void {
    this.#unseal((stamp) => stamp.sessionId === sessionId);
    this.#connection.run("DELETE FROM runs WHERE session_id = ?", [sessionId]);
  }

  /** Forgets runs that ended before then. @returns how many. */
  prune(endedBeforeMs: number): number {
    this.#unseal((stamp) => stamp.endedAtMs < endedBeforeMs);
    return this.#connection.run("DELETE FROM runs WHERE ended_at < ?", [endedBeforeMs]);
  }

  #unseal(isMeant: (stamp: Stamp) => boolean): void {
    for (const [id, stamp] of this.#seals.list(runSeals))
      if (isMeant(readStamp(stamp))) this.#seals.remove(runSeals, id);
  }

  #judgeEnd({ run }: RunRow, mac: Uint8Array): string | undefined {
    if (run.endedAtMs === undefined) return undefined;
    const seal = this.#seals.find(runSeals, run.id);
    if (seal.kind === "broken") return "stands on a damaged register page";
    if (seal.kind === "absent") return "was slipped in";
    return seal.stamp === stampOf(run, mac) ? undefined : "is another one's copy";
  }
}

/** What the register keeps of an ended run. */
interface Stamp {
  readonly endedAtMs: number;
  readonly sessionId: string;
}

function stampOf(run: Run, mac: Uint8Array): string {
  return `${macText(mac)} ${run.endedAtMs} ${run.sessionId}`;
}

function readStamp(stamp: string): Stamp {
  const [, endedAtMs, ...sessionId] = stamp.split(" ");
  return { endedAtMs: Number(endedAtMs), sessionId: sessionId.join(" ") };
}

const insertSql = `INSERT INTO runs(id, session_id, session_key, status, input, options, attempts, tools, created_at,
  started_at, ended_at, outcome, mac) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const updateSql = `UPDATE runs SET session_id = ?, session_key = ?, status = ?, input = ?, options = ?, attempts = ?,
  tools = ?, created_at = ?, started_at = ?, ended_at = ?, outcome = ?, mac = ? WHERE id = ?`;
