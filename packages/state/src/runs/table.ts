import type { Connection } from "../database/connection.ts";
import { bytes, lossyText, type Row, textColumns } from "../database/row.ts";
import { type Macs, sameMac } from "../integrity/macs.ts";
import type { LoadedSession, SessionTable } from "../sessions/table.ts";
import { type RunRow, runColumns, verifyRunRow } from "./row.ts";

/** All that is stored of runs. */
export const selectRuns = `SELECT ${textColumns("id", "session_id", "session_key", "status", "input", "options", "tools", "outcome")},
  attempts, created_at, started_at, ended_at, mac FROM runs`;

/** The runs' rows. A session's row lists, as one MAC, all of its runs that have not ended. */
export class RunTable {
  readonly #connection: Connection;
  readonly #macs: Macs;
  readonly #sessions: SessionTable;

  constructor(connection: Connection, macs: Macs, sessions: SessionTable) {
    this.#connection = connection;
    this.#macs = macs;
    this.#sessions = sessions;
  }

  /** @returns the run, "damaged" if its row does not verify (its session is then set aside), undefined without one. */
  find(id: string): RunRow | "damaged" | undefined {
    const raw = this.#connection.get(`${selectRuns} WHERE runs.id = ?`, [id]);
    return raw === undefined ? undefined : this.verify(raw);
  }

  verify(raw: Row): RunRow | "damaged" {
    const found = verifyRunRow(this.#macs, raw);
    if (found !== undefined) return found;
    this.#sessions.report(
      lossyText(raw, "session_key"),
      `its run ${lossyText(raw, "id")} does not match its seal`,
    );
    return "damaged";
  }

  /** The runs of a session that have not ended, oldest first. */
  open(sessionId: string): Row[] {
    return this.#connection.all(`${selectRuns} WHERE runs.session_id = ? AND ended_at IS NULL ORDER BY n`, [
      sessionId,
    ]);
  }

  /** What the session's row must say of its open runs. */
  openMac(sessionId: string): Uint8Array {
    const rows = this.#connection.all(
      "SELECT mac FROM runs WHERE session_id = ? AND ended_at IS NULL ORDER BY n",
      [sessionId],
    );
    return this.#macs.record(
      "open-runs",
      rows.map((row) => bytes(row, "mac")),
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
    this.#connection.run(updateSql, [...columns.slice(1), this.#macs.record("run", columns), row.run.id]);
  }

  removeOfSession(sessionId: string): void {
    this.#connection.run("DELETE FROM runs WHERE session_id = ?", [sessionId]);
  }
}

const insertSql = `INSERT INTO runs(id, session_id, session_key, status, input, options, attempts, tools, created_at,
  started_at, ended_at, outcome, mac) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const updateSql = `UPDATE runs SET session_id = ?, session_key = ?, status = ?, input = ?, options = ?, attempts = ?,
  tools = ?, created_at = ?, started_at = ?, ended_at = ?, outcome = ?, mac = ? WHERE id = ?`;
