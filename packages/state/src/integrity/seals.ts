import type { Connection, TransactionListener } from "../database/connection.ts";
import { bytes, text } from "../database/row.ts";
import { StateError } from "../errors.ts";
import type { DamageLog } from "./damage.ts";
import { type Macs, macText, sameMac } from "./macs.ts";

/** A family of sealed subjects: its name, and over how many pages they are spread (a power of two). */
export interface SealGroup {
  readonly name: string;
  readonly pages: number;
}

/** What the seals say of a subject. */
export type Seal =
  | { readonly kind: "sealed"; readonly stamp: string }
  | { readonly kind: "absent" }
  | { readonly kind: "broken" };

type Page = Map<string, string>;

const rootName = "root";

/**
 * The register of what is newest: for every session, memory entry, device and setting the MAC of its current row. It
 * is a hash tree of two levels, pages under one root, rewritten in the transaction that changes a row. A row, or
 * everything that belongs to a session, put back from an older copy, removed or slipped in while the database was
 * closed does not match it, and is named by it. Putting back the *whole* file cannot be noticed from inside.
 */
export class Seals implements TransactionListener {
  readonly #connection: Connection;
  readonly #macs: Macs;
  readonly #damage: DamageLog;
  readonly #pages = new Map<string, Page | "broken">();
  readonly #changed = new Set<string>();

  constructor(connection: Connection, macs: Macs, damage: DamageLog) {
    this.#connection = connection;
    this.#macs = macs;
    this.#damage = damage;
    connection.listen(this);
  }

  /** Writes the empty register of a new database. */
  found(): void {
    this.#pages.set(rootName, new Map());
    this.#changed.add(rootName);
  }

  find(group: SealGroup, key: string): Seal {
    const page = this.#load(pageName(group, key));
    if (page === "broken") return { kind: "broken" };
    const stamp = page?.get(key);
    return stamp === undefined ? { kind: "absent" } : { kind: "sealed", stamp };
  }

  /** All subjects of a group; pages that do not verify are left out and reported. */
  list(group: SealGroup): Map<string, string> {
    const all = new Map<string, string>();
    for (let bucket = 0; bucket < group.pages; bucket++) {
      const page = this.#load(`${group.name}/${bucket}`);
      if (page === undefined || page === "broken") continue;
      for (const [key, stamp] of page) all.set(key, stamp);
    }
    return all;
  }

  /** The names in the register that stand under `prefix/`. */
  groups(prefix: string): string[] {
    const root = this.#root();
    if (root === "broken") return [];
    const under = [...root.keys()].filter((name) => name.startsWith(`${prefix}/`));
    return [...new Set(under.map((name) => name.slice(prefix.length + 1, name.lastIndexOf("/"))))];
  }

  /** Loads the root, so that damage to it is known at once, and every page it names. */
  check(): void {
    const root = this.#root();
    if (root === "broken") return;
    for (const name of root.keys()) if (name.includes("/")) this.#load(name);
  }

  /** A value kept in the root itself: the head of a log. */
  head(name: string): Seal {
    const root = this.#root();
    if (root === "broken") return { kind: "broken" };
    const stamp = root.get(name);
    return stamp === undefined ? { kind: "absent" } : { kind: "sealed", stamp };
  }

  setHead(name: string, stamp: string): void {
    this.#writableRoot().set(name, stamp);
    this.#changed.add(rootName);
  }

  set(group: SealGroup, key: string, stamp: string): void {
    const name = pageName(group, key);
    this.#writable(name).set(key, stamp);
    this.#changed.add(name);
  }

  remove(group: SealGroup, key: string): void {
    const name = pageName(group, key);
    this.#writable(name).delete(key);
    this.#changed.add(name);
  }

  beforeCommit(): void {
    if (this.#changed.size === 0) return;
    const root = this.#writableRoot();
    for (const name of this.#changed) {
      if (name !== rootName) this.#store(name, root);
    }
    this.#write(rootName, root);
    this.#changed.clear();
  }

  forget(): void {
    this.#pages.clear();
    this.#changed.clear();
  }

  #store(name: string, root: Page): void {
    const page = this.#pages.get(name);
    if (page === undefined || page === "broken") return;
    root.set(name, macText(this.#write(name, page)));
  }

  #write(name: string, page: Page): Uint8Array {
    const body = JSON.stringify([...page]);
    const mac = this.#macs.record("seal", [name, body]);
    this.#connection.run("INSERT OR REPLACE INTO seals(name, body, mac) VALUES(?, ?, ?)", [name, body, mac]);
    return mac;
  }

  #root(): Page | "broken" {
    return this.#load(rootName) ?? "broken";
  }

  #writableRoot(): Page {
    const root = this.#root();
    if (root !== "broken") return root;
    throw new StateError(
      "database_damaged",
      `The register of ${this.#connection.file} is damaged: it can be read, not written. Restore a backup.`,
    );
  }

  // A page that does not verify is replaced by an empty one: what else stood on it stays without a seal, and damaged.
  #writable(name: string): Page {
    this.#writableRoot();
    const page = this.#load(name);
    if (page !== undefined && page !== "broken") return page;
    const fresh: Page = new Map();
    this.#pages.set(name, fresh);
    return fresh;
  }

  #load(name: string): Page | "broken" | undefined {
    const known = this.#pages.get(name);
    if (known !== undefined) return known;
    const page = this.#verified(name);
    if (page !== undefined) this.#pages.set(name, page);
    if (page === "broken") this.#report(name);
    return page;
  }

  #verified(name: string): Page | "broken" | undefined {
    const expected = name === rootName ? undefined : this.#expected(name);
    if (expected === "broken") return "broken";
    const row = this.#connection.get("SELECT body, mac FROM seals WHERE name = ?", [name]);
    if (row === undefined) return name === rootName || expected !== undefined ? "broken" : undefined;
    const body = text(row, "body");
    const mac = this.#macs.record("seal", [name, body]);
    if (!sameMac(mac, bytes(row, "mac"))) return "broken";
    if (name !== rootName && macText(mac) !== expected) return "broken";
    return parsePage(body);
  }

  #expected(name: string): string | undefined | "broken" {
    const root = this.#root();
    return root === "broken" ? "broken" : root.get(name);
  }

  #report(name: string): void {
    const say =
      name === rootName
        ? "The register of what is newest was changed from outside: nothing is written any more. Restore a backup."
        : `The register page ${name} was changed from outside: what it lists can be read, not continued.`;
    this.#damage.report({ scope: "database", name: this.#connection.file, say }, name);
  }
}

function pageName(group: SealGroup, key: string): string {
  if (group.pages === 1) return `${group.name}/0`;
  const digest = new Bun.CryptoHasher("sha256").update(key).digest();
  return `${group.name}/${(digest[0] ?? 0) & (group.pages - 1)}`;
}

function parsePage(body: string): Page {
  // The MAC over this text matched: we wrote it.
  return new Map(JSON.parse(body) as [string, string][]);
}
