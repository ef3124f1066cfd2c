import type { Connection, TransactionListener } from "../database/connection.ts";
import { StateError } from "../errors.ts";
import type { DamageLog } from "./damage.ts";
import type { Macs } from "./macs.ts";
import { type Page, PageStore } from "./pages.ts";

/** A family of sealed subjects: its name, and over how many pages they are spread (a power of two). */
export interface SealGroup {
  readonly name: string;
  readonly pages: number;
}

/** What the register says of a subject. */
export type Seal =
  | { readonly kind: "sealed"; readonly stamp: string }
  | { readonly kind: "absent" }
  | { readonly kind: "broken" };

const rootName = "root";

/**
 * The register of what is newest: for every session, ended run, note, device and setting the MAC of its current row. It is a
 * hash tree of two levels, pages under one root, rewritten in the transaction that changes a row. Whatever was put back
 * from an older copy, removed or slipped in while the database was closed does not match it, and is named by it; that
 * holds for everything of a session together, too. Putting back the *whole* file cannot be noticed from inside.
 */
export class Seals implements TransactionListener {
  readonly #file: string;
  readonly #store: PageStore;
  readonly #damage: DamageLog;
  readonly #pages = new Map<string, Page | "broken">();
  readonly #changed = new Set<string>();
  #commit = 0;

  constructor(connection: Connection, macs: Macs, damage: DamageLog) {
    this.#file = connection.file;
    this.#store = new PageStore(connection, macs);
    this.#damage = damage;
    connection.listen(this);
  }

  /** Writes the empty register of a new database. */
  found(): void {
    this.#pages.set(rootName, new Map());
    this.#store.store(rootName, 0, new Map());
  }

  find(group: SealGroup, key: string): Seal {
    const page = this.#load(pageName(group, key));
    if (page === "broken") return { kind: "broken" };
    const stamp = page?.get(key);
    return stamp === undefined ? { kind: "absent" } : { kind: "sealed", stamp };
  }

  /** All subjects of a group with their stamps; pages that do not verify are left out and reported. */
  list(group: SealGroup): Map<string, string> {
    const all: Page = new Map();
    for (let bucket = 0; bucket < group.pages; bucket++) {
      const page = this.#load(`${group.name}/${bucket}`);
      if (page === undefined || page === "broken") continue;
      for (const [key, stamp] of page) all.set(key, stamp);
    }
    return all;
  }

  /** The names of the groups `prefix/…` the register knows. */
  groups(prefix: string): string[] {
    const root = this.#load(rootName);
    if (root === undefined || root === "broken") return [];
    const under = [...root.keys()].filter((name) => name.startsWith(`${prefix}/`));
    return [...new Set(under.map((name) => name.slice(prefix.length + 1, name.lastIndexOf("/"))))];
  }

  /** Loads the root, so that damage to it is known at once; with "all", every page too. */
  check(extent: "root" | "all"): void {
    const root = this.#load(rootName);
    if (root === undefined || root === "broken" || extent === "root") return;
    for (const name of root.keys()) this.#load(name);
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
    this.#commit++;
    for (const name of this.#changed) {
      const page = this.#pages.get(name);
      if (page === undefined || page === "broken") continue;
      root.set(name, this.#store.store(name, this.#commit, page));
    }
    this.#store.store(rootName, this.#commit, root);
    this.#changed.clear();
  }

  forget(): void {
    this.#pages.clear();
    this.#changed.clear();
  }

  #writableRoot(): Page {
    const root = this.#load(rootName);
    if (root !== undefined && root !== "broken") return root;
    const say = `The register of ${this.#file} is damaged: what is there can be read, nothing can be written. Restore a backup.`;
    throw new StateError("database_damaged", say);
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
    const page = name === rootName ? this.#loadRoot() : this.#loadPage(name);
    if (page !== undefined) this.#pages.set(name, page);
    if (page === "broken") this.#report(name);
    return page;
  }

  #loadRoot(): Page | "broken" {
    const stored = this.#store.load(rootName);
    if (stored === undefined || stored === "broken") return "broken";
    // An older root was put back if a page is newer than it.
    if (this.#store.hasNewer(stored.commit)) return "broken";
    this.#commit = stored.commit;
    return stored.page;
  }

  #loadPage(name: string): Page | "broken" | undefined {
    const root = this.#load(rootName);
    if (root === undefined || root === "broken") return "broken";
    const expected = root.get(name);
    if (expected === undefined) return undefined;
    const stored = this.#store.load(name);
    return stored === undefined || stored === "broken" || stored.mac !== expected ? "broken" : stored.page;
  }

  #report(name: string): void {
    const say =
      name === rootName
        ? "The register of what is newest was changed from outside: what is there can be read, nothing can be written. Restore a backup."
        : `The page ${name} of the register was changed from outside: what it lists can be read, not continued. Restore a backup.`;
    this.#damage.report({ scope: "database", name: this.#file, say, part: name });
  }
}

function pageName(group: SealGroup, key: string): string {
  if (group.pages === 1) return `${group.name}/0`;
  const digest = new Bun.CryptoHasher("sha256").update(key).digest();
  return `${group.name}/${(digest[0] ?? 0) & (group.pages - 1)}`;
}
