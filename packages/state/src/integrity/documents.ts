import type { z } from "zod";
import { blobColumns, lossyText, type Row, type SqlValue, storedMac, textColumns } from "../database/row.ts";
import { assertStorable, parseJson } from "../database/stored.ts";
import { macText } from "./macs.ts";
import type { Piece } from "./piece.ts";
import { flawOf, type SealedDeps } from "./sealed.ts";
import type { SealGroup } from "./seals.ts";

/** Tables of sealed documents: `id`, `body`, `mac`, and columns computed from the body. */
export type DocumentTable =
  | "cron_jobs"
  | "tasks"
  | "auth_profiles"
  | "usage_aggregates"
  | "imports"
  | "outbox"
  | "cron_runs"
  | "hook_deliveries"
  | "answers"
  | "system_events"
  | "responses";

export interface DocumentKind<T> {
  readonly table: DocumentTable;
  /** What one is called in a warning. */
  readonly name: string;
  /** Made with the first one that is read. */
  readonly schema: () => z.ZodType<T>;
  /** How many register pages they take; a power of two. */
  readonly pages: number;
}

/** Which documents: a part of a statement behind `WHERE`, over the computed columns. */
export interface DocumentQuery {
  readonly where: string;
  readonly values: readonly SqlValue[];
}

const pageSize = 200;

/** Sealed documents in a table of their own. One that does not verify counts as absent and is reported. */
export class Documents<T> {
  readonly #deps: SealedDeps;
  readonly #kind: DocumentKind<T>;
  readonly #group: SealGroup;
  readonly #select: string;

  constructor(deps: SealedDeps, kind: DocumentKind<T>) {
    this.#deps = deps;
    this.#kind = kind;
    this.#group = { name: kind.table, pages: kind.pages };
    this.#select = `SELECT ${textColumns("id", "body")}, ${blobColumns("mac")} FROM ${kind.table} t`;
  }

  find(id: string): T | undefined {
    const row = this.#deps.connection.get(`${this.#select} WHERE t.id = ?`, [id]);
    if (row !== undefined) return this.#verified(row);
    if (this.#deps.seals.find(this.#group, id).kind === "sealed") this.#report(id, "was removed");
    return undefined;
  }

  /** By id. */
  list(): T[] {
    const rows = this.#deps.connection.all(`${this.#select} ORDER BY t.id`);
    const missing = new Set(this.#deps.seals.list(this.#group).keys());
    for (const row of rows) missing.delete(lossyText(row, "id"));
    for (const id of missing) this.#report(id, "was removed");
    return this.#all(rows);
  }

  /** Some of them, in the order the query gives. */
  select({ where, values }: DocumentQuery): T[] {
    return this.#all(this.#deps.connection.all(`${this.#select} WHERE ${where}`, values));
  }

  save(id: string, value: T): void {
    assertStorable(`The id of a ${this.#kind.name}`, id);
    const body = JSON.stringify(value);
    const mac = this.#mac(id, body);
    this.#deps.connection.run(`INSERT OR REPLACE INTO ${this.#kind.table}(id, body, mac) VALUES(?, ?, ?)`, [
      id,
      body,
      mac,
    ]);
    this.#deps.seals.set(this.#group, id, macText(mac));
    this.#deps.damage.settle({ scope: "database", name: this.#damageName(id) });
  }

  remove(id: string): boolean {
    const { connection, seals, damage } = this.#deps;
    const removed = connection.run(`DELETE FROM ${this.#kind.table} WHERE id = ?`, [id]) > 0;
    if (removed || seals.find(this.#group, id).kind === "sealed") seals.remove(this.#group, id);
    damage.settle({ scope: "database", name: this.#damageName(id) });
    return removed;
  }

  /** Checks all of them, some at a time. */
  *pieces(): Generator<Piece> {
    const seen = new Set<string>();
    let after: string | undefined = "";
    const checkPage = () => {
      const from = after ?? "";
      // If the page cannot be read, it was the last.
      after = undefined;
      const rows = this.#deps.connection.all(
        `${this.#select} WHERE t.id > ? ORDER BY t.id LIMIT ${pageSize}`,
        [from],
      );
      for (const row of rows) seen.add(lossyText(row, "id"));
      this.#all(rows);
      if (rows.length === pageSize) after = lossyText(rows[pageSize - 1] ?? {}, "id");
    };
    while (after !== undefined) yield { name: this.#kind.table, check: checkPage };
    yield { name: this.#kind.table, check: () => this.#checkUnseen(seen) };
  }

  // One may have been added or removed meanwhile: each is looked at again.
  #checkUnseen(seen: ReadonlySet<string>): void {
    for (const id of this.#deps.seals.list(this.#group).keys()) if (!seen.has(id)) this.find(id);
  }

  #all(rows: readonly Row[]): T[] {
    return rows.map((row) => this.#verified(row)).filter((value) => value !== undefined);
  }

  #mac(id: string, body: string): Uint8Array {
    return this.#deps.macs.record("document", [this.#kind.table, id, body]);
  }

  #verified(row: Row): T | undefined {
    const id = lossyText(row, "id");
    const body = lossyText(row, "body");
    const record = { name: id, mac: this.#mac(id, body), storedMac: storedMac(row) };
    const flaw = flawOf(this.#deps.seals, this.#group, record);
    if (flaw !== undefined) return this.#report(id, flaw);
    const value = this.#kind.schema().safeParse(parseJson(body));
    return value.success ? value.data : this.#report(id, "has an unknown form");
  }

  #report(id: string, what: string): undefined {
    const say = `The ${this.#kind.name} "${id}" was changed outside of this program: it ${what}. It is treated as unknown.`;
    this.#deps.damage.report({ scope: "database", name: this.#damageName(id), say });
    return undefined;
  }

  #damageName(id: string): string {
    return `${this.#kind.name} ${id}`;
  }
}
