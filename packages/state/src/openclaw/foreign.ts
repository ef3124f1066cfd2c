import { Database, type SQLQueryBindings } from "bun:sqlite";
import { StateError } from "../errors.ts";

const pragmas = [
  "trusted_schema = OFF",
  "cell_size_check = ON",
  "mmap_size = 0",
  // Takes the log in, and needs no file beside this one any more: the copy may lose its name while it is open.
  "locking_mode = EXCLUSIVE",
  "journal_mode = DELETE",
  "query_only = ON",
] as const;

/** A row of a database that somebody else wrote: nothing about it is known. */
export type ForeignRow = Readonly<Record<string, unknown>>;

/**
 * A database that another program wrote, opened on a copy of it. Its schema runs no code of its own choice, nothing
 * is written, and only tables are read: a view or a virtual table of the same name is not.
 */
export class ForeignDatabase implements Disposable {
  readonly #db: Database;

  /** @throws StateError `not_a_database` if it is none */
  constructor(file: string) {
    this.#db = faults(() => new Database(file, { readwrite: true, create: false }));
    try {
      for (const pragma of pragmas) this.all(`PRAGMA ${pragma}`);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Whether there is a table of this name with at least these columns. The names are this program's own. */
  hasTable(name: string, columns: readonly string[]): boolean {
    const [found] = this.all("SELECT type, sql FROM sqlite_master WHERE name = ?", [name]);
    if (found?.["type"] !== "table" || /^\s*CREATE\s+VIRTUAL/i.test(String(found["sql"]))) return false;
    const there = new Set(this.all(`PRAGMA table_info("${name}")`).map((column) => column["name"]));
    return columns.every((column) => there.has(column));
  }

  /** @throws StateError `corrupt` */
  all(sql: string, params: readonly SQLQueryBindings[] = []): readonly ForeignRow[] {
    return faults(() => this.#db.query<ForeignRow, SQLQueryBindings[]>(sql).all(...params));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function faults<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "SQLITE_NOTADB") throw new StateError("not_a_database", "It is no database.", { cause });
    throw new StateError("corrupt", "The database is damaged, or made in a way nobody knows.", { cause });
  }
}
