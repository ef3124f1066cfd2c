import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { ioError, unsafe } from "../directory.ts";
import { systemCode } from "../errors.ts";

const maxBytes = 4096;

function pidPath(dir: string): string {
  return join(dir, "daemon.pid");
}

/** Writes `daemon.pid` (state.md §2): the pid and a newline, 0600, never through a symlink. */
export async function writePidFile(dir: string, pid: number): Promise<void> {
  const path = pidPath(dir);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const file = await open(path, flags, 0o600).catch((error) => {
    throw systemCode(error) === "ELOOP" ? unsafe(path, "is a symbolic link") : ioError(path, error);
  });
  try {
    await file.chmod(0o600);
    await file.writeFile(`${pid}\n`);
  } finally {
    await file.close();
  }
}

/** @returns the pid in `daemon.pid`; undefined if there is none that makes sense (missing, empty, garbage, 1 or less). */
export async function readPidFile(dir: string): Promise<number | undefined> {
  const file = await open(
    pidPath(dir),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const text = buffer.toString("latin1", 0, bytesRead).trim();
    const pid = bytesRead <= maxBytes && /^\d{1,10}$/.test(text) ? Number(text) : 0;
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** Removes `daemon.pid` if it still names this process. */
export async function removePidFile(dir: string, pid: number): Promise<void> {
  if ((await readPidFile(dir)) === pid) await rm(pidPath(dir), { force: true });
}

/** Whether a process of this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
