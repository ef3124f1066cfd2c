import { lstatSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { type Change, changeTogether, type DiskSteps, finishTogether, stageTogether } from "@carapace/files";
import { accepted } from "../../directory.ts";
import { StateError } from "../../errors.ts";
import { outsideOf, pathBelow } from "../../pending.ts";
import { databaseFiles } from "./current.ts";

/** Where the configuration lies on this machine: a link is followed, so that it stays one. */
export function configTarget(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? realpathSync(path) : path;
}

/** A change of the configuration file, wherever it lies. */
export function configChange(dir: string, path: string, bytes: Uint8Array): Change {
  return { kind: "write", path: pathBelow(dir, path) ?? path, bytes };
}

/** The database prepared in the staging folder takes the place of the old one, whose log must not be replayed into it. */
export function databaseChanges(dir: string, staged: string): Change[] {
  const beside = databaseFiles.slice(1).filter((name) => isThere(join(dir, name)));
  return [
    ...beside.map((path): Change => ({ kind: "remove", path })),
    { kind: "move", path: "state.db", staged },
  ];
}

export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

export interface SwapPlace {
  /** The state directory; the caller holds its lock. */
  readonly dir: string;
  readonly configPath: string;
  readonly steps: DiskSteps;
}

/** Ends a change that an earlier process decided, and makes an empty staging folder. @returns its path */
export function beginSwap({ dir, configPath, steps }: SwapPlace): string {
  accepted(finishTogether(dir, { outside: outsideOf(dir, [configTarget(configPath)]), steps }));
  return accepted(stageTogether(dir, steps));
}

/**
 * What was prepared must be what takes the state's place: another folder under its name may lack a part of it.
 * @returns to be called before the swap. It throws StateError `unsafe_path` for another folder
 */
export function sameFolder(path: string): () => void {
  const made = lstatSync(path);
  return () => {
    const now = lstatSync(path, { throwIfNoEntry: false });
    if (now?.isDirectory() === true && now.ino === made.ino && now.dev === made.dev) return;
    throw new StateError("unsafe_path", `${path} was replaced meanwhile: find out by whom, then try again.`);
  };
}

/**
 * All changes at once, or none.
 * @returns what kept this process from finishing a change that is decided: the next start finishes it
 */
export function swap({ dir, configPath, steps }: SwapPlace, changes: readonly Change[]): string | undefined {
  const done = accepted(
    changeTogether(dir, changes, { outside: outsideOf(dir, [configTarget(configPath)]), steps }),
  );
  return done.kind === "done" ? undefined : done.because.say;
}

/** Removes what was prepared for a swap that is not to happen. */
export function abandonSwap({ dir, configPath, steps }: SwapPlace): void {
  finishTogether(dir, { outside: outsideOf(dir, [configTarget(configPath)]), steps });
}
