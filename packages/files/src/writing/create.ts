import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { type FileResult, refuseFile, refuseSystem, refuseUnsynced } from "../refusal.ts";
import { systemCode } from "../system-code.ts";
import { dropDraft, dropDrafts, newTag, writeDraft } from "./draft.ts";
import { type DiskSteps, systemSteps } from "./steps.ts";

/**
 * Makes a file, 0600, that was not there: it appears whole or not at all, whenever this process dies, and nothing that
 * has the name already is touched. Of several processes that try at once, one succeeds.
 * @returns `exists` if the name is taken; `unsynced` if it is there, but its folder could not be made durable
 */
export function createPrivate(
  path: string,
  bytes: Uint8Array,
  steps: DiskSteps = systemSteps,
): FileResult<undefined> {
  try {
    const draft = writeDraft({ target: path, tag: newTag }, bytes, steps);
    try {
      // Unlike a rename, a link fails if the name is taken.
      steps.link(draft, path);
    } catch (error) {
      dropDraft(draft, steps);
      throw error;
    }
    // Whoever else is writing one comes too late: the name is taken.
    dropDrafts(path, newTag, steps);
  } catch (error) {
    const isTaken = systemCode(error) === "EEXIST" || (systemCode(error) === "ENOENT" && isThere(path));
    return isTaken ? refuseFile(path, "exists", "is there already") : refuseSystem(path, error, "written");
  }
  try {
    steps.syncFolder(dirname(path));
    return { ok: true, value: undefined };
  } catch (error) {
    return refuseUnsynced(path, error);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
