import { dirname } from "node:path";
import { checkPrivate } from "../reading/read.ts";
import { type FileResult, refuseSystem, refuseUnsynced } from "../refusal.ts";
import { dropDraft, dropDrafts, writeDraft } from "./draft.ts";
import { type DiskSteps, systemSteps } from "./steps.ts";

export interface ReplaceOptions {
  /** Stands in the name of the draft: `<file>.<tag>.tmp.<pid>.<counter>`. */
  readonly tag: string;
  readonly steps?: DiskSteps;
}

/**
 * Replaces a file's content as a whole, or makes the file: whenever this process dies, the name leads to the old or to
 * the new content, never to a part. Owner-only from then on. The caller holds the file's lock: what an earlier writer
 * left behind is removed.
 * @returns `unsynced` if the new content is there, but the folder could not be made durable; after any other refusal
 *   the old content is untouched
 */
export function replaceWhole(
  path: string,
  bytes: Uint8Array,
  options: ReplaceOptions,
): FileResult<undefined> {
  const { tag, steps = systemSteps } = options;
  const target = checkPrivate(path, "tighten");
  if (!target.ok) return target;
  try {
    dropDrafts(path, tag, steps);
    const draft = writeDraft({ target: path, tag }, bytes, steps);
    try {
      steps.rename(draft, path);
    } catch (error) {
      dropDraft(draft, steps);
      throw error;
    }
  } catch (error) {
    return refuseSystem(path, error, "written");
  }
  try {
    steps.syncFolder(dirname(path));
    return { ok: true, value: undefined };
  } catch (error) {
    return refuseUnsynced(path, error);
  }
}
