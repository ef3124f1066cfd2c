import { relative } from "node:path";
import { finishTogether, refuseSystem } from "@carapace/files";
import { dropScratch } from "./backup/scratch.ts";
import { accepted, fileError } from "./directory.ts";

/**
 * Brings a state directory to one side of a change that was interrupted (a rotation of the key, a restore): what was
 * decided is carried out, what was not is dropped, and so are intermediate files of dead processes. Needs no key. The caller holds the instance lock, and calls this
 * before it reads the configuration.
 * @param files Files outside of the directory that a change may include: the configuration; those inside are ignored
 * @returns whether there was something to carry out. @throws StateError; nothing may be opened then
 */
export function finishPendingChange(dir: string, files: readonly string[] = []): boolean {
  try {
    dropScratch(dir);
  } catch (error) {
    throw fileError(refuseSystem(dir, error, "changed"));
  }
  return accepted(finishTogether(dir, { outside: outsideOf(dir, files) })) === "finished";
}

/** Those that do not lie below the directory. */
export function outsideOf(dir: string, files: readonly string[]): string[] {
  return files.filter((file) => pathBelow(dir, file) === undefined);
}

/** A file's path below the directory, with `/`; undefined if it lies elsewhere. */
export function pathBelow(dir: string, file: string): string | undefined {
  const path = relative(dir, file).replaceAll("\\", "/");
  return path === "" || path === ".." || path.startsWith("../") || /^([A-Za-z]:|\/)/.test(path)
    ? undefined
    : path;
}
