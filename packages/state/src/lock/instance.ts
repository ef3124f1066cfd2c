import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
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
  const path = join(dir, ".matrix-rekey.lock.lock");
  const file = await openLockFile(path);
  try {
    const flock = await loadFlock();
    const isOurs = flock.tryExclusive(file.fd);
    const owner = await readPidFile(dir);
    if (!isOurs) return await refused(file, dir, owner);
    if (owner !== undefined && owner !== process.pid && isAlive(owner))
      return await refused(file, dir, owner);
    return ok(heldLock(file, dir));
  } catch (error) {
    await file.close();
    throw error;
  }
}

function heldLock(file: FileHandle, dir: string): InstanceLock {
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
      await file.close();
    },
  };
}

async function refused(file: FileHandle, dir: string, pid: number | undefined) {
  await file.close();
  const who =
    pid === undefined ? "Another process of this program" : `Another process of this program (pid ${pid})`;
  return refuse("conflict", `${who} works on ${dir}: stop it, then try again.`, {
    pid,
    dir,
    file: join(dir, "daemon.pid"),
  });
}

async function openLockFile(path: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags, 0o600).catch((error) => {
    throw systemCode(error) === "ELOOP" ? unsafe(path, "is a symbolic link") : ioError(path, error);
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unsafe(path, "is not a regular file");
    assertOwner(path, found.uid);
    if ((found.mode & 0o777) !== 0o600) await file.chmod(0o600);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
