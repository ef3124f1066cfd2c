import { lstatSync } from "node:fs";
import { join } from "node:path";
import { type FileRefusal, refuseFile } from "../refusal.ts";

const stagingName = "pending-change";
const recordName = `${stagingName}.json`;
const longestPath = 1024;

/** Where a change is prepared; in the directory itself, so that a rename suffices. */
export function stagingPath(dir: string): string {
  return join(dir, stagingName);
}

/** While it is there, a change is decided and not finished. */
export function recordPath(dir: string): string {
  return join(dir, recordName);
}

/** Pure. True for a plain path below the directory: no `..`, no root, no drive, and not our own files. */
export function isInside(path: string): boolean {
  if (path.length > longestPath || /[\0\\]|^[A-Za-z]:/.test(path)) return false;
  const parts = path.split("/");
  if (parts[0] === stagingName || parts[0] === recordName) return false;
  return parts.every((part) => part !== "" && part !== "." && part !== "..");
}

/** Refuses a path below `dir` that a link, or something that is no folder, leads out of it. */
export function leadsOut(dir: string, path: string): FileRefusal | undefined {
  const parts = path.split("/").slice(0, -1);
  for (let at = 0; at <= parts.length; at++) {
    const folder = join(dir, ...parts.slice(0, at));
    const facts = lstatSync(folder, { throwIfNoEntry: false });
    if (facts === undefined) return undefined;
    if (facts.isSymbolicLink()) return refuseFile(folder, "link", "is a symbolic link");
    if (!facts.isDirectory()) return refuseFile(folder, "kind", "is not a directory");
  }
  return undefined;
}

/** A path of a record in the system's own form. */
export function below(dir: string, path: string): string {
  return join(dir, ...path.split("/"));
}
