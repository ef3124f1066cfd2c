import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPrivate, readPrivate, refuseSystem } from "@carapace/files";
import { accepted, fileError } from "../directory.ts";

const maxBytes = 4096;

function pidPath(dir: string): string {
  return join(dir, "daemon.pid");
}

/**
 * Writes `daemon.pid` (state.md §2): the pid and a newline, 0600, never through a symlink. The caller holds the lock.
 * Not synced: it only names the holder of the lock, and a lock ends with its holder.
 */
export async function writePidFile(dir: string, pid: number): Promise<void> {
  const path = pidPath(dir);
  accepted(checkPrivate(path, "tighten"));
  try {
    await rm(path, { force: true });
    await writeFile(path, `${pid}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw fileError(refuseSystem(path, error, "written"));
  }
}

/** @returns the pid in `daemon.pid`; undefined if there is none that makes sense (missing, empty, garbage, 1 or less). */
export function readPidFile(dir: string): number | undefined {
  const read = readPrivate(pidPath(dir), { maxBytes, mode: "any" });
  const text = read.ok ? new TextDecoder().decode(read.value).trim() : "";
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return pid > 1 ? pid : undefined;
}

/** Removes `daemon.pid` if it still names this process. */
export async function removePidFile(dir: string, pid: number): Promise<void> {
  if (readPidFile(dir) === pid) await rm(pidPath(dir), { force: true });
}
