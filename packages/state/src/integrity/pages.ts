import type { Connection } from "../database/connection.ts";
import { isCorruption } from "../database/failure.ts";
import {
  blobColumns,
  integer,
  numberColumns,
  type Row,
  storedMac,
  text,
  textColumns,
} from "../database/row.ts";
import { type Macs, macText, sameMac } from "./macs.ts";

/** Subject → the MAC of its newest row, as text. */
export type Page = Map<string, string>;

export interface StoredPage {
  /** Grows with every commit; a page is never newer than the root. */
  readonly commit: number;
  readonly page: Page;
  readonly mac: string;
}

const selectPage = `SELECT ${numberColumns("n")}, ${textColumns("body")}, ${blobColumns("mac")} FROM seals WHERE name = ?`;

/** The rows of the register. */
export class PageStore {
  readonly #connection: Connection;
  readonly #macs: Macs;

  constructor(connection: Connection, macs: Macs) {
    this.#connection = connection;
    this.#macs = macs;
  }

  /** @returns undefined if there is no such page, "broken" if it does not verify by itself */
  load(name: string): StoredPage | "broken" | undefined {
    const row = this.#get(name);
    if (row === undefined || row === "broken") return row;
    try {
      const body = text(row, "body");
      const commit = integer(row, "n");
      const mac = this.#macs.record("seal", [name, commit, body]);
      if (!sameMac(mac, storedMac(row))) return "broken";
      // The MAC over this text matched: it is what `store` wrote.
      return { commit, page: new Map(JSON.parse(body) as [string, string][]), mac: macText(mac) };
    } catch {
      return "broken";
    }
  }

  /** @returns the page's MAC as text */
  store(name: string, commit: number, page: Page): string {
    const body = JSON.stringify([...page]);
    const mac = this.#macs.record("seal", [name, commit, body]);
    this.#connection.run("INSERT OR REPLACE INTO seals(name, n, body, mac) VALUES(?, ?, ?, ?)", [
      name,
      commit,
      body,
      mac,
    ]);
    return macText(mac);
  }

  /** True if a page was written after this commit. */
  hasNewer(commit: number): boolean {
    return this.#connection.get("SELECT 1 FROM seals WHERE n > ? LIMIT 1", [commit]) !== undefined;
  }

  #get(name: string): Row | "broken" | undefined {
    try {
      return this.#connection.get(selectPage, [name]);
    } catch (error) {
      if (isCorruption(error)) return "broken";
      throw error;
    }
  }
}
