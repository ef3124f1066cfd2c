import { closeSync, fstatSync, lstatSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type DiskSteps, systemCode, systemSteps } from "@carapace/files";
import { StateError } from "../errors.ts";
import { explained } from "./explained.ts";
import { isAlive } from "./scratch.ts";

export interface OutputOptions {
  readonly path: string;
  /** Takes the place of a file that is there. */
  readonly overwrite: boolean;
  readonly steps?: DiskSteps;
}

/**
 * Writes a file that is the owner's alone (0600), under a draft's name until it is whole and durable: no half archive
 * ever has the name that was asked for, and one that is to be overwritten stays until then.
 * @returns its size in bytes
 * @throws StateError `already_exists`, `unsafe_path`, `disk_full`, `io`; the draft is removed then
 */
export async function writeOutput(
  pieces: AsyncIterable<Uint8Array>,
  { path, overwrite, steps = systemSteps }: OutputOptions,
): Promise<number> {
  assertFree(path, overwrite);
  const draft = `${path}.part.${process.pid}`;
  let fd: number;
  try {
    dropDrafts(path, steps);
    fd = steps.create(draft);
  } catch (error) {
    throw explained(path, error);
  }
  try {
    const size = await fill(fd, pieces, steps);
    place(draft, path, { overwrite, steps });
    return size;
  } catch (error) {
    drop(draft, steps);
    throw explained(path, error);
  }
}

/** Removes what processes that died left of this archive; one may have had this process's number, as in a container. */
function dropDrafts(path: string, steps: DiskSteps): void {
  const folder = dirname(path);
  const prefix = `${basename(path)}.part.`;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length));
    if (pid === process.pid || !isAlive(pid)) drop(join(folder, name), steps);
  }
}

/** Refuses a name that is taken before any work is done. @throws StateError */
export function assertFree(path: string, overwrite: boolean): void {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (facts.isSymbolicLink())
    throw new StateError("unsafe_path", `${path} is a symbolic link: name another file.`);
  if (!facts.isFile())
    throw new StateError("unsafe_path", `${path} is not a regular file: name another one.`);
  if (!overwrite) throw taken(path);
}

async function fill(fd: number, pieces: AsyncIterable<Uint8Array>, steps: DiskSteps): Promise<number> {
  try {
    for await (const piece of pieces) steps.write(fd, piece);
    steps.sync(fd);
    return fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}

function place(
  draft: string,
  path: string,
  { overwrite, steps }: Required<Omit<OutputOptions, "path">>,
): void {
  if (overwrite) {
    assertFree(path, overwrite);
    steps.rename(draft, path);
  } else if (linked(draft, path, steps)) {
    steps.remove(draft);
  } else {
    assertFree(path, overwrite);
    steps.rename(draft, path);
  }
  steps.syncFolder(dirname(path));
}

const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Unlike a rename, a link fails if the name is taken. @returns false on file systems without links (FAT) */
function linked(draft: string, path: string, steps: DiskSteps): boolean {
  try {
    steps.link(draft, path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") throw taken(path);
    if (withoutLinks.has(code)) return false;
    throw error;
  }
}

function drop(draft: string, steps: DiskSteps): void {
  try {
    steps.remove(draft);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

function taken(path: string): StateError {
  return new StateError(
    "already_exists",
    `${path} is there already: name another file, or overwrite it with --force.`,
  );
}
