import { systemCode } from "@carapace/files";
import type Database from "libsql";
import { StateError } from "../errors.ts";
import { isCorruption, toStateError } from "./failure.ts";
import { integer, type Row, type SqlValue } from "./row.ts";
import { assertWellFormed } from "./stored.ts";

type Statement = Database.Statement<unknown[]>;

/** What wants to know of transactions: it writes before a commit and forgets what it cached when that became void. */
export interface TransactionListener {
  beforeCommit?(): void;
  /** It is durable. */
  afterCommit?(): void;
  /** After a rollback, or when another process changed the database. */
  forget(): void;
  /** A transaction failed since a part of the file is damaged. @returns true if it was mended: then it is tried again */
  mend?(): boolean;
}

/**
 * One connection to the database. Every statement is prepared once. All work happens inside `read` or `write`: one
 * transaction each, synchronous from begin to end, so that nothing of this process comes in between.
 */
export class Connection {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Statement>();
  readonly #listeners: TransactionListener[] = [];
  readonly file: string;
  #dataVersion = -1;
  #depth = 0;
  #isWriting = false;

  constructor(db: Database.Database, file: string) {
    this.#db = db;
    this.file = file;
  }

  /** @param place `first` for what adds to a transaction that the others then close. */
  listen(listener: TransactionListener, place: "first" | "last" = "last"): void {
    if (place === "first") this.#listeners.unshift(listener);
    else this.#listeners.push(listener);
  }

  /** True inside a transaction that writes. */
  isWriting(): boolean {
    return this.#isWriting;
  }

  get(sql: string, params: readonly SqlValue[] = []): Row | undefined {
    return this.#prepare(sql).get(bindable(params)) as Row | undefined;
  }

  all(sql: string, params: readonly SqlValue[] = []): Row[] {
    return this.#prepare(sql).all(bindable(params)) as Row[];
  }

  /** @returns how many rows changed. */
  run(sql: string, params: readonly SqlValue[] = []): number {
    return this.#prepare(sql).run(bindable(params)).changes;
  }

  /** @returns the new row's number. */
  insert(sql: string, params: readonly SqlValue[]): number {
    return Number(this.#prepare(sql).run(bindable(params)).lastInsertRowid);
  }

  /** Several statements without parameters; for pragmas and migrations. */
  script(sql: string): void {
    this.#db.exec(sql);
  }

  /** One consistent view of the database. @throws StateError */
  read<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    return this.#attempt("BEGIN", work, false);
  }

  /** All or nothing, durable when it returns. @throws StateError; the database is then as it was. */
  write<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    return this.#attempt("BEGIN IMMEDIATE", work, true);
  }

  /**
   * Writes all of the database, as it is at this moment, into an empty file, encrypted with the same key; nobody waits
   * for it. @throws StateError
   */
  copyTo(file: string): void {
    try {
      this.#db.exec(`VACUUM INTO '${file.replaceAll("'", "''")}'`);
    } catch (error) {
      throw toStateError(error, this.file);
    }
  }

  /**
   * @param movesOn The file is going to get another name. The engine lets go of a file only when the last statement was
   *   collected; until then, whoever opens it in this process would share the index of the log under the old name.
   */
  close({ movesOn = false }: { readonly movesOn?: boolean } = {}): void {
    if (!this.#db.open) return;
    try {
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      if (movesOn) this.#db.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE");
    } catch {
      // The log is replayed at the next start.
    }
    this.#statements.clear();
    this.#db.close();
  }

  // SQLite refuses to commit a transaction that met damage, so that mending needs one of its own.
  #attempt<T>(begin: string, work: () => T, writes: boolean): T {
    try {
      return this.#transaction(begin, work, writes);
    } catch (error) {
      if (!isCorruption(error) || !this.#listeners.some((listener) => listener.mend?.() === true))
        throw error;
      return this.#transaction(begin, work, writes);
    }
  }

  #transaction<T>(begin: string, work: () => T, writes: boolean): T {
    if (!this.#db.open) throw new StateError("closed", `${this.file} is closed.`);
    this.#depth++;
    this.#isWriting = writes;
    try {
      this.run(begin);
      this.#noticeOthers();
      const result = work();
      if (!writes) {
        this.#undo(false);
        return result;
      }
      for (const listener of this.#listeners) listener.beforeCommit?.();
      this.run("COMMIT");
      for (const listener of this.#listeners) listener.afterCommit?.();
      return result;
    } catch (error) {
      this.#undo(writes);
      throw toStateError(error, this.file);
    } finally {
      this.#depth--;
      this.#isWriting = false;
    }
  }

  #undo(wrote: boolean): void {
    try {
      if (this.#db.inTransaction) this.run("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself.
    }
    if (wrote) for (const listener of this.#listeners) listener.forget();
  }

  #noticeOthers(): void {
    const version = integer(this.get("PRAGMA data_version") ?? {}, "data_version");
    if (version === this.#dataVersion) return;
    this.#dataVersion = version;
    for (const listener of this.#listeners) listener.forget();
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#compiled(sql);
    assertNoBareColumns(sql, statement);
    this.#statements.set(sql, statement);
    return statement;
  }

  // Our statements are fixed and known to be right: one that does not compile does not fit the tables there are.
  #compiled(sql: string): Statement {
    try {
      return this.#db.prepare(sql);
    } catch (error) {
      if (systemCode(error) !== "SQLITE_ERROR") throw error;
      const say = `${this.file} does not have the tables of this program: its schema is damaged. Restore a backup, or move the file away to start afresh.`;
      throw new StateError("corrupt", say, { cause: error });
    }
  }
}

// See row.ts: a column given out as it is stored may end the process.
function assertNoBareColumns(sql: string, statement: Statement): void {
  for (const { table, column } of statement.columns())
    if (table !== null && !isRowNumber(table, column))
      throw new Error(`${table}.${column ?? "?"} is read as it is stored: ${sql}`);
}

// The key of a table, which is a whole number whatever the file holds.
function isRowNumber(table: string, column: string | null): boolean {
  return (
    column === "rowid" || (column === "n" && table !== "seals") || (column === "seq" && table === "audit")
  );
}

// Whatever a door forgot to check: nothing is sealed under one form and stored, or looked for, under another.
function bindable(params: readonly SqlValue[]): SqlValue[] {
  for (const param of params) if (typeof param === "string") assertWellFormed("A text", param);
  return [...params];
}
