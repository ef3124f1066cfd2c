import { StateError } from "../../errors.ts";
import { type Page, PageStore } from "../../integrity/pages.ts";
import type { Resealing } from "./types.ts";

const rootName = "root";
/** A MAC as text, which a stamp begins with. */
const macLength = 43;

/** Reseals the register of what is newest, after everything it lists. A page that is not right stays as it is. */
export function resealRegister(work: Resealing): void {
  const old = new PageStore(work.connection, work.old);
  const fresh = new PageStore(work.connection, work.fresh);
  work.connection.write(() => {
    const root = old.load(rootName);
    if (root === undefined || root === "broken" || old.hasNewer(root.commit)) {
      const say = `The register of ${work.connection.file} is damaged: its key cannot be changed. Restore a backup.`;
      throw new StateError("database_damaged", say);
    }
    const pages: Page = new Map();
    for (const [name, expected] of root.page) {
      const stored = old.load(name);
      const isRight = stored !== undefined && stored !== "broken" && stored.mac === expected;
      pages.set(name, isRight ? fresh.store(name, stored.commit, moved(work, stored.page)) : expected);
    }
    fresh.store(rootName, root.commit, pages);
  });
}

function moved(work: Resealing, page: Page): Page {
  return new Map([...page].map(([key, stamp]) => [key, movedStamp(work, stamp)]));
}

// What is no MAC, or one that is not right, stays.
function movedStamp(work: Resealing, stamp: string): string {
  const mac = work.moved.get(stamp.slice(0, macLength));
  return mac === undefined ? stamp : mac + stamp.slice(macLength);
}
