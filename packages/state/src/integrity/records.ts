import type { z } from "zod";
import { blobColumns, lossyText, type Row, storedMac, textColumns } from "../database/row.ts";
import { assertStorable, parseJson } from "../database/stored.ts";
import { macText } from "./macs.ts";
import { flawOf, type SealedDeps } from "./sealed.ts";
import type { SealGroup } from "./seals.ts";

/** What a kind of record is called in a warning, and how many register pages it takes. */
export interface RecordKind<T> {
  readonly name: string;
  /** Made with the first one that is read. */
  readonly schema: () => z.ZodType<T>;
  readonly pages: number;
}

const selectRecords = `SELECT ${textColumns("name", "body")}, ${blobColumns("mac")} FROM records WHERE kind = ?`;

/** Small sealed documents of one kind, by name. One that does not verify counts as absent and is reported. */
export class Records<T> {
  readonly #deps: SealedDeps;
  readonly #kind: RecordKind<T>;
  readonly #group: SealGroup;

  constructor(deps: SealedDeps, kind: RecordKind<T>) {
    this.#deps = deps;
    this.#kind = kind;
    this.#group = { name: `records/${kind.name}`, pages: kind.pages };
  }

  find(name: string): T | undefined {
    const row = this.#deps.connection.get(`${selectRecords} AND records.name = ?`, [this.#kind.name, name]);
    if (row !== undefined) return this.#verified(row);
    if (this.#deps.seals.find(this.#group, name).kind === "sealed") this.#report(name, "was removed");
    return undefined;
  }

  /** By name. */
  list(): T[] {
    const rows = this.#deps.connection.all(`${selectRecords} ORDER BY records.name`, [this.#kind.name]);
    const missing = new Set(this.#deps.seals.list(this.#group).keys());
    for (const row of rows) missing.delete(lossyText(row, "name"));
    for (const name of missing) this.#report(name, "was removed");
    return rows.map((row) => this.#verified(row)).filter((value) => value !== undefined);
  }

  save(name: string, value: T): void {
    assertStorable("The name of a record", name);
    const body = JSON.stringify(value);
    const mac = this.#deps.macs.record("record", [this.#kind.name, name, body]);
    this.#deps.connection.run("INSERT OR REPLACE INTO records(kind, name, body, mac) VALUES(?, ?, ?, ?)", [
      this.#kind.name,
      name,
      body,
      mac,
    ]);
    this.#deps.seals.set(this.#group, name, macText(mac));
    this.#deps.damage.settle({ scope: "database", name: this.#damageName(name) });
  }

  remove(name: string): boolean {
    const { connection, seals, damage } = this.#deps;
    const removed =
      connection.run("DELETE FROM records WHERE kind = ? AND name = ?", [this.#kind.name, name]) > 0;
    if (removed || seals.find(this.#group, name).kind === "sealed") seals.remove(this.#group, name);
    damage.settle({ scope: "database", name: this.#damageName(name) });
    return removed;
  }

  #verified(row: Row): T | undefined {
    const name = lossyText(row, "name");
    const body = lossyText(row, "body");
    const mac = this.#deps.macs.record("record", [this.#kind.name, name, body]);
    const flaw = flawOf(this.#deps.seals, this.#group, { name, mac, storedMac: storedMac(row) });
    if (flaw !== undefined) return this.#report(name, flaw);
    const value = this.#kind.schema().safeParse(parseJson(body));
    return value.success ? value.data : this.#report(name, "has an unknown form");
  }

  #report(name: string, what: string): undefined {
    const say = `The ${this.#kind.name} "${name}" was changed outside of this program: it ${what}. It is treated as unknown.`;
    this.#deps.damage.report({ scope: "database", name: this.#damageName(name), say });
    return undefined;
  }

  #damageName(name: string): string {
    return `${this.#kind.name} ${name}`;
  }
}
