import { lstatSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { type FileRefusal, type FileResult, refuseFile, refuseSystem } from "../refusal.ts";
import { dropDrafts } from "../writing/draft.ts";
import { type DiskSteps, systemSteps } from "../writing/steps.ts";
import { below, leadsOut, recordPath, stagingPath } from "./paths.ts";
import { type Decision, readRecord } from "./record.ts";
import { dropStaged, outsideTag } from "./stage.ts";

export interface FinishOptions {
  /** As for `changeTogether`: files outside of the directory that a change may include. */
  readonly outside?: readonly string[];
  readonly steps?: DiskSteps;
}

/**
 * Brings a directory to one side of an interrupted change, before anything in it is used: a decided one is carried
 * out, what an undecided one left is removed. Needs no key. The caller holds the directory's lock.
 * @returns `finished` if a decided change was carried out; a refusal leaves everything for the next attempt
 */
export function finishTogether(dir: string, options: FinishOptions = {}): FileResult<"finished" | "nothing"> {
  const { outside = [], steps = systemSteps } = options;
  const decided = readRecord(dir, outside);
  if (!decided.ok) return decided;
  if (decided.value === undefined) return dropUndecided(dir, { outside, steps });
  const finished = finishDecided(dir, decided.value, { outside, steps });
  return finished.ok ? { ok: true, value: "finished" } : finished;
}

function dropUndecided(dir: string, { outside, steps }: Required<FinishOptions>): FileResult<"nothing"> {
  try {
    dropStaged(dir, steps, outside);
    dropDrafts(recordPath(dir), outsideTag, steps);
    return { ok: true, value: "nothing" };
  } catch (error) {
    return refuseSystem(stagingPath(dir), error, "removed");
  }
}

/** Carries out a decided change; each step does nothing if an earlier attempt did it. */
export function finishDecided(
  dir: string,
  decisions: readonly Decision[],
  { outside, steps }: Required<FinishOptions>,
): FileResult<undefined> {
  try {
    for (const [number, decision] of decisions.entries()) {
      const refused = carryOut({ dir, steps, number }, decision);
      if (refused !== undefined) return refused;
    }
    // The names must be durable before the record, which could bring them back, is gone.
    for (const folder of foldersOf(dir, decisions)) steps.syncFolder(folder);
    steps.remove(recordPath(dir));
    steps.syncFolder(dir);
  } catch (error) {
    return refuseSystem(dir, error, "changed");
  }
  // What is left now is removed at the next start.
  const dropped = dropUndecided(dir, { outside, steps });
  return dropped.ok || dropped.system !== undefined ? { ok: true, value: undefined } : dropped;
}

interface Work {
  readonly dir: string;
  readonly steps: DiskSteps;
  readonly number: number;
}

function carryOut(work: Work, { to, from }: Decision): FileRefusal | undefined {
  const { dir, steps } = work;
  if (isAbsolute(to)) return carryOutside(steps, to, join(dirname(to), from ?? ""));
  const target = below(dir, to);
  const refused = leadsOut(dir, to) ?? leadsOut(stagingPath(dir), from ?? "-");
  if (refused !== undefined) return refused;
  const old = factsOf(target);
  if (from === undefined) {
    if (old !== undefined) moveAside(work, target);
    return undefined;
  }
  const staged = below(stagingPath(dir), from);
  const fresh = factsOf(staged);
  if (fresh === undefined) return old === undefined ? lost(target) : undefined;
  if (!fresh.isDirectory() && !fresh.isFile()) return refuseFile(staged, "kind", "is not a regular file");
  if (old !== undefined && (old.isDirectory() || fresh.isDirectory())) moveAside(work, target);
  steps.rename(staged, target);
  return undefined;
}

function carryOutside(steps: DiskSteps, target: string, draft: string): FileRefusal | undefined {
  const fresh = factsOf(draft);
  if (fresh === undefined) return factsOf(target) === undefined ? lost(target) : undefined;
  if (!fresh.isFile()) return refuseFile(draft, "kind", "is not a regular file");
  steps.rename(draft, target);
  return undefined;
}

/** One rename takes a whole folder away; what was moved is removed with the staging folder. */
function moveAside({ dir, steps, number }: Work, target: string): void {
  for (let attempt = 0; ; attempt++) {
    const aside = join(stagingPath(dir), `old-${number}-${attempt}`);
    if (factsOf(aside) !== undefined) continue;
    steps.rename(target, aside);
    return;
  }
}

function foldersOf(dir: string, decisions: readonly Decision[]): Set<string> {
  return new Set([
    stagingPath(dir),
    ...decisions.map(({ to }) => dirname(isAbsolute(to) ? to : below(dir, to))),
  ]);
}

function factsOf(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

function lost(path: string): FileRefusal {
  const why = "belongs to a change that was interrupted, and what was prepared for it is gone";
  const advice = "restore a backup";
  return { ...refuseFile(path, "system", why), say: `${path} ${why}: ${advice}.`, advice };
}
