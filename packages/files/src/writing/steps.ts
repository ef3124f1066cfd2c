import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { systemCode } from "../system-code.ts";

/**
 * Everything this package does to a file's bytes and names, one entry a system call: a test passes its own to let any
 * of them fail, write half, or be the last one. Each throws the system's error.
 */
export interface DiskSteps {
  /** Makes a file that was not there, 0600, and opens it. */
  create(path: string): number;
  write(fd: number, bytes: Uint8Array): void;
  sync(fd: number): void;
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes a folder that was not there, 0700. */
  makeFolder(path: string): void;
  /** Removes a folder and all in it, or whatever else has the name; links in it are removed, not followed. */
  removeTree(path: string): void;
  /** Makes the names in a folder durable. */
  syncFolder(folder: string): void;
}

/** What is done unless a test says otherwise. */
export const systemSteps: DiskSteps = {
  // Exclusive creation never follows a link.
  create: (path) => openSync(path, "wx", 0o600),
  write: writeAll,
  sync: fsyncSync,
  link: linkSync,
  rename: renameSync,
  remove: unlinkSync,
  makeFolder: (path) => mkdirSync(path, { mode: 0o700 }),
  removeTree: (path) => rmSync(path, { recursive: true, force: true }),
  syncFolder,
};

/**
 * Makes a new file or a rename in a folder durable. Where a folder cannot be synced (Windows, some network file
 * systems) its names are as durable as that system makes them. @throws the system's error
 */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  // A pipe in a folder's place would be waited for.
  const fd = openSync(folder, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
  try {
    fsyncSync(fd);
  } catch (error) {
    if (systemCode(error) !== "EINVAL" && systemCode(error) !== "EBADF") throw error;
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}
