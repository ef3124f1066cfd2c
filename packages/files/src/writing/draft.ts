import { closeSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../system-code.ts";
import { type DiskSteps, systemSteps } from "./steps.ts";

/** The tag in the name of a draft of `createPrivate`. */
export const newTag = "new";

const mostDrafts = 100;

/** What a draft is for: the file it will become, and whose draft it is. */
interface Draft {
  readonly target: string;
  readonly tag: string;
}

/**
 * Writes a draft beside its target, `<file>.<tag>.tmp.<pid>.<counter>` (state.md §2), owner-only and durable.
 * @returns its path. @throws the system's error; then no draft is left
 */
export function writeDraft({ target, tag }: Draft, bytes: Uint8Array, steps: DiskSteps): string {
  const { path, fd } = createDraft(`${target}.${tag}.tmp.${process.pid}`, steps);
  try {
    try {
      steps.write(fd, bytes);
      steps.sync(fd);
    } finally {
      closeSync(fd);
    }
    return path;
  } catch (error) {
    dropDraft(path, steps);
    throw error;
  }
}

// A dead process may have had the same id, and what it left may be kept from us.
function createDraft(stem: string, steps: DiskSteps): { path: string; fd: number } {
  for (let counter = 0; ; counter++) {
    const path = `${stem}.${counter}`;
    try {
      return { path, fd: steps.create(path) };
    } catch (error) {
      if (systemCode(error) !== "EEXIST" || counter === mostDrafts) throw error;
    }
  }
}

/** Removes a draft that is not needed any more; one that cannot be removed now is found by the next writer. */
export function dropDraft(path: string, steps: DiskSteps): void {
  try {
    steps.remove(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

/** Removes every draft of a target and tag: whoever calls this knows that nobody else needs one. */
export function dropDrafts(target: string, tag: string, steps: DiskSteps): void {
  for (const path of draftsOf(target, tag)) dropDraft(path, steps);
}

/** Removes the names of drafts that a new file still has besides its own. */
export function dropDraftsOf(target: string, { dev, ino }: Pick<Stats, "dev" | "ino">): void {
  for (const path of draftsOf(target, newTag)) {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts?.ino === ino && facts.dev === dev) dropDraft(path, systemSteps);
  }
}

function draftsOf(target: string, tag: string): string[] {
  const folder = dirname(target);
  const prefix = `${basename(target)}.${tag}.tmp.`;
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => join(folder, name));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}
