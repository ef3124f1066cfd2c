import { lstatSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { checkPrivate } from "../reading/read.ts";
import { type FileRefusal, type FileResult, refuseFile, refuseSystem } from "../refusal.ts";
import { writeDraft } from "../writing/draft.ts";
import { replaceWhole } from "../writing/replace.ts";
import { type DiskSteps, systemSteps } from "../writing/steps.ts";
import { finishDecided } from "./finish.ts";
import { leadsOut, recordPath, stagingPath } from "./paths.ts";
import { areApart, type Decision, encodeRecord, isSafeDecision } from "./record.ts";
import {
  dropStaged,
  isChangeDecided,
  outsideTag,
  refuseUnfinished,
  settleTree,
  stageTogether,
} from "./stage.ts";

/** What becomes of one path below the directory (with `/`), or of one file named in `outside` (absolute). */
export type Change =
  /** These bytes take its place. */
  | { readonly kind: "write"; readonly path: string; readonly bytes: Uint8Array }
  /** What was prepared under this path in the staging folder takes its place; a folder as a whole. */
  | { readonly kind: "move"; readonly path: string; readonly staged: string }
  | { readonly kind: "remove"; readonly path: string };

export interface TogetherOptions {
  /** Absolute paths of files outside of the directory that may take part: the configuration. Only `write`. */
  readonly outside?: readonly string[];
  readonly steps?: DiskSteps;
}

/**
 * How a change went. `decided`: it is done as far as any later start is concerned, but this process could not finish
 * it; `finishTogether` will, and nothing may be used before.
 */
export type Together =
  | { readonly kind: "done" }
  | { readonly kind: "decided"; readonly because: FileRefusal };

/**
 * Changes several files and folders of one directory together or not at all, whenever this process dies: everything
 * new is made durable in a staging folder, one record (`pending-change.json`) decides, renames carry it out. The
 * caller holds the directory's lock, and calls `finishTogether` before it uses the directory again.
 * @returns a refusal if nothing was changed
 */
export function changeTogether(
  dir: string,
  changes: readonly Change[],
  options: TogetherOptions = {},
): FileResult<Together> {
  const { outside = [], steps = systemSteps } = options;
  const staged = stage(dir, changes, { outside, steps });
  if (!staged.ok) return undone(dir, staged, { outside, steps });
  const decided = replaceWhole(recordPath(dir), encodeRecord(staged.value), { tag: outsideTag, steps });
  if (!decided.ok) return undecided(dir, decided, { outside, steps });
  const finished = finishDecided(dir, staged.value, { outside, steps });
  if (finished.ok) return { ok: true, value: { kind: "done" } };
  return { ok: true, value: { kind: "decided", because: finished } };
}

type Wanted = Required<TogetherOptions>;

function stage(dir: string, changes: readonly Change[], wanted: Wanted): FileResult<readonly Decision[]> {
  try {
    if (isChangeDecided(dir)) return refuseUnfinished(dir);
    const made = lstatSync(stagingPath(dir), { throwIfNoEntry: false })?.isDirectory()
      ? undefined
      : stageTogether(dir, wanted.steps);
    if (made !== undefined && !made.ok) return made;
    const decisions: Decision[] = [];
    for (const change of changes) {
      const decision = prepare(dir, change, { ...wanted, number: decisions.length });
      if (!decision.ok) return decision;
      decisions.push(decision.value);
    }
    if (!areApart(decisions.map(({ to }) => to))) throw new Error("a change names a path twice");
    const refused = settleTree(stagingPath(dir), wanted.steps);
    if (refused !== undefined) return refused;
    wanted.steps.syncFolder(dir);
    return { ok: true, value: decisions };
  } catch (error) {
    return refuseSystem(dir, error, "prepared");
  }
}

function prepare(dir: string, change: Change, wanted: Wanted & { number: number }): FileResult<Decision> {
  if (isAbsolute(change.path)) {
    const target = checkPrivate(change.path, "tighten");
    if (!target.ok) return target;
  }
  const decision = decisionOf(dir, change, wanted);
  if (!isSafeDecision(decision)) throw new Error(`a change cannot lead to ${change.path}`);
  if (isAbsolute(decision.to)) return { ok: true, value: decision };
  const refused = leadsOut(dir, decision.to);
  if (refused !== undefined) return refused;
  if (change.kind !== "move" || lstatSync(change.staged, { throwIfNoEntry: false }) !== undefined) {
    return { ok: true, value: decision };
  }
  return refuseFile(change.staged, "system", "is gone");
}

function decisionOf(dir: string, change: Change, wanted: Wanted & { number: number }): Decision {
  const { path } = change;
  const isOutside = wanted.outside.includes(path);
  if (change.kind === "remove") return { to: path };
  if (change.kind === "move") {
    return { to: path, from: relative(stagingPath(dir), change.staged).split(sep).join("/") };
  }
  if (isOutside) {
    const draft = writeDraft({ target: path, tag: outsideTag }, change.bytes, wanted.steps);
    wanted.steps.syncFolder(dirname(path));
    return { to: path, from: basename(draft) };
  }
  const target = join(stagingPath(dir), `write-${wanted.number}`);
  return { to: path, from: basename(writeDraft({ target, tag: outsideTag }, change.bytes, wanted.steps)) };
}

// The record has its name, but may lose it if the power fails: it is taken back, and only once that is durable what it
// names may go.
function undecided(dir: string, refusal: FileRefusal, wanted: Wanted): FileResult<Together> {
  if (refusal.problem !== "unsynced") return undone(dir, refusal, wanted);
  try {
    wanted.steps.remove(recordPath(dir));
  } catch (error) {
    return { ok: true, value: { kind: "decided", because: refuseSystem(recordPath(dir), error, "removed") } };
  }
  try {
    wanted.steps.syncFolder(dir);
  } catch (error) {
    return refuseSystem(recordPath(dir), error, "written");
  }
  return undone(dir, refuseSystem(recordPath(dir), { code: refusal.system }, "made durable"), wanted);
}

function undone(dir: string, refusal: FileRefusal, { outside, steps }: Wanted): FileRefusal {
  try {
    if (!isChangeDecided(dir)) dropStaged(dir, steps, outside);
  } catch (error) {
    // What is left is removed at the next start; anything else is a mistake of the program.
    refuseSystem(dir, error, "removed");
  }
  return refusal;
}
