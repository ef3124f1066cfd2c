import { constants } from "node:fs";
import { chmod, lstat, mkdir, open } from "node:fs/promises";
import { StateError, systemCode } from "./errors.ts";

/**
 * Makes the state directory (0700) or checks and tightens the one there: not a symlink, owned by this user.
 * @throws StateError `unsafe_path`, `foreign_owner`, `io`, `disk_full`
 */
export async function prepareDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw ioError(dir, error);
  }
  const found = await lstat(dir).catch((error: unknown) => {
    throw ioError(dir, error);
  });
  if (found.isSymbolicLink()) throw unsafe(dir, "is a symbolic link");
  if (!found.isDirectory()) throw unsafe(dir, "is not a directory");
  assertOwner(dir, found.uid);
  if ((found.mode & 0o777) !== 0o700) await chmod(dir, 0o700);
}

/**
 * Checks a private file if it is there: a regular file, one name, owned by this user; its mode is set to 0600.
 * @returns its size, or undefined if there is none.
 */
export async function checkPrivateFile(path: string): Promise<number | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error) => {
      if (systemCode(error) === "ENOENT") return undefined;
      if (systemCode(error) === "ELOOP") throw unsafe(path, "is a symbolic link");
      throw ioError(path, error);
    },
  );
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unsafe(path, "is not a regular file");
    assertOwner(path, found.uid);
    if (found.nlink > 1) throw unsafe(path, "has a second name (a hard link)");
    if ((found.mode & 0o777) !== 0o600) await file.chmod(0o600);
    return found.size;
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new file in this directory durable. */
export async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(dir, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @throws StateError `foreign_owner` */
export function assertOwner(path: string, uid: number): void {
  const self = process.geteuid?.();
  if (self === undefined || uid === self) return;
  throw new StateError(
    "foreign_owner",
    `${path} belongs to another user (uid ${uid}): run as that user, or choose another state directory.`,
  );
}

export function unsafe(path: string, what: string): StateError {
  return new StateError("unsafe_path", `${path} ${what}: remove it, or choose another state directory.`);
}

/** A system error on a path as one of ours. */
export function ioError(path: string, error: unknown): StateError {
  const code = systemCode(error) ?? "unknown";
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new StateError("disk_full", `The disk of ${path} is full: free some space and try again.`, {
      cause: error,
    });
  }
  return new StateError(
    "io",
    `${path} could not be read or written (${code}): check its permissions and its disk.`,
    { cause: error },
  );
}
