import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type DiskSteps, refuseSystem, systemCode, systemSteps } from "@carapace/files";
import { fileError, prepareDirectory } from "../directory.ts";

/** A folder of one process, 0700, gone at the end of its scope. */
export interface Scratch extends Disposable {
  readonly path: string;
}

const prefix = "scratch-";
const owned = /^scratch-(\d+)-/;

/** True for a name that `makeScratch` gives. */
export function isScratch(name: string): boolean {
  return owned.test(name);
}

/** Makes a folder in the state directory for intermediate files; those that dead processes left are removed. */
export function makeScratch(dir: string, steps: DiskSteps = systemSteps): Scratch {
  prepareDirectory(dir);
  try {
    dropScratch(dir);
  } catch (error) {
    throw fileError(refuseSystem(dir, error, "written"));
  }
  return scratchIn(dir, steps);
}

/** The same in a folder of the user's, of which nothing else is touched. @throws StateError */
export function scratchIn(folder: string, steps: DiskSteps = systemSteps): Scratch {
  const path = join(folder, `${prefix}${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    steps.makeFolder(path);
  } catch (error) {
    throw fileError(refuseSystem(folder, error, "written"));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Removes what dead processes left: of a drill, that is a database with its key beside it. @throws the system's error */
export function dropScratch(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = Number(owned.exec(name)?.[1] ?? 0);
    if (!isAlive(pid)) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** Whether a process has this number; what is no number of a process counts as one, so that it is left alone. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 2) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
