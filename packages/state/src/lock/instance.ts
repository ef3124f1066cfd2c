import { closeSync, constants, fchmodSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result, refuse } from "@carapace/protocol";
import { assertOwner, ioError, prepareDirectory, unsafe } from "../directory.ts";
import { systemCode } from "../errors.ts";
import { loadFlock } from "./flock.ts";
import { isAlive, readPidFile, removePidFile, writePidFile } from "./pid-file.ts";

/** The right to be the one process that works on a state directory; held until it is disposed of or the process ends. */
export interface InstanceLock extends AsyncDisposable {
  /** Writes `daemon.pid`; it is removed when the lock is given back. */
  announce(pid: number): Promise<void>;
}

/**
 * Takes the lock of a state directory (state.md §2, cli.md §2.7): `flock` on `.matrix-rekey.lock.lock`, which is kept,
 * then a look at `daemon.pid`. Does not wait.
 * @returns the refusal `conflict` naming the other process, if one holds it
 * @throws StateError if the directory or the file cannot be used
 */
export async function acquireInstanceLock(dir: string): Promise<Result<InstanceLock>> {
  await prepareDirectory(dir);
  const flock = await loadFlock();
  // A bare descriptor: a file handle would close itself, and lose the lock, when nobody keeps a reference to it.
  const fd = openLockFile(join(dir, ".matrix-rekey.lock.lock"));
  let isKept = false;
  try {
    const isFree = flock.tryExclusive(fd);
    const owner = await readPidFile(dir);
    const isOwned = owner !== undefined && owner !== process.pid && isAlive(owner);
    isKept = isFree && !isOwned;
    return isKept ? ok(heldLock(fd, dir)) : refusal(dir, owner);
  } finally {
    if (!isKept) closeSync(fd);
  }
}

function heldLock(fd: number, dir: string): InstanceLock {
  let announced: number | undefined;
  let isHeld = true;
  return {
    announce: async (pid) => {
      await writePidFile(dir, pid);
      announced = pid;
    },
    [Symbol.asyncDispose]: async () => {
      if (!isHeld) return;
      isHeld = false;
      if (announced !== undefined) await removePidFile(dir, announced);
      closeSync(fd);
    },
  };
}

function refusal(dir: string, pid: number | undefined) {
  const who =
    pid === undefined ? "Another process of this program" : `Another process of this program (pid ${pid})`;
  const file = join(dir, "daemon.pid");
  return refuse("conflict", `${who} works on ${dir}: stop it, then try again.`, { pid, dir, file });
}

function openLockFile(path: string): number {
  const fd = openPrivate(path);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw unsafe(path, "is not a regular file");
    assertOwner(path, found.uid);
    if ((found.mode & 0o777) !== 0o600) fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openPrivate(path: string): number {
  try {
    return openSync(
      path,
      constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      0o600,
    );
  } catch (error) {
    throw systemCode(error) === "ELOOP" ? unsafe(path, "is a symbolic link") : ioError(path, error);
  }
}
