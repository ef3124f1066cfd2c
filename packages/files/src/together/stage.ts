import { closeSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openPrivate } from "../reading/open.ts";
import { type FileRefusal, type FileResult, refuseFile, refuseSystem } from "../refusal.ts";
import { privateDirectory } from "../writing/directory.ts";
import { dropDrafts } from "../writing/draft.ts";
import { type DiskSteps, systemSteps } from "../writing/steps.ts";
import { recordPath, stagingPath } from "./paths.ts";

/** The tag of drafts of files that lie outside of the directory. */
export const outsideTag = "together";

/**
 * Makes an empty folder (0700) below `dir` to prepare new files and folders in; whatever an earlier, undecided change
 * left is removed. The caller holds the directory's lock.
 * @returns its path; `held` if an earlier change is decided and not finished: `finishTogether` first
 */
export function stageTogether(dir: string, steps: DiskSteps = systemSteps): FileResult<string> {
  const path = stagingPath(dir);
  try {
    if (isChangeDecided(dir)) return refuseUnfinished(dir);
    dropStaged(dir, steps);
    steps.makeFolder(path);
    return { ok: true, value: path };
  } catch (error) {
    return refuseSystem(path, error, "made");
  }
}

/** Whether a change is decided and not finished: what is there now may be replaced at the next start. */
export function isChangeDecided(dir: string): boolean {
  return lstatSync(recordPath(dir), { throwIfNoEntry: false }) !== undefined;
}

export function refuseUnfinished(dir: string): FileRefusal {
  return refuseFile(recordPath(dir), "held", "belongs to a change that is not finished");
}

/** Removes what was prepared and not decided. @throws the system's error */
export function dropStaged(dir: string, steps: DiskSteps, outside: readonly string[] = []): void {
  const path = stagingPath(dir);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) steps.removeTree(path);
  for (const file of outside) dropDrafts(file, outsideTag, steps);
}

/**
 * Makes all that was prepared owner-only and durable, down to the last file. Anything but folders and plain files of
 * one name is refused.
 */
export function settleTree(path: string, steps: DiskSteps): FileRefusal | undefined {
  const facts = lstatSync(path);
  if (!facts.isDirectory()) return settleFile(path, steps);
  const folder = privateDirectory(path);
  if (!folder.ok) return folder;
  for (const name of readdirSync(path)) {
    const refused = settleTree(join(path, name), steps);
    if (refused !== undefined) return refused;
  }
  steps.syncFolder(path);
  return undefined;
}

function settleFile(path: string, steps: DiskSteps): FileRefusal | undefined {
  const opened = openPrivate(path, "tighten");
  if (!opened.ok) return opened;
  if (opened.value === undefined) return refuseFile(path, "system", "is gone");
  const fd = opened.value.keep();
  try {
    steps.sync(fd);
  } finally {
    closeSync(fd);
  }
  return undefined;
}
