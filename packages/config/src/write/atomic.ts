import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../load/read.ts";

/** The folder of a file, made 0700 if it is missing. */
export function ensureFolder(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
}

/**
 * Replaces a file's content as a whole: after a crash at any point it holds the old or the new text, never a part.
 * Owner-only. A symbolic link is followed once, so that it stays one. The caller holds the write lock.
 * @throws the system's error; then the old file is untouched
 */
export function writeWhole(path: string, text: string): void {
  const target = realTarget(path);
  const folder = dirname(target);
  sweep(target);
  const temp = join(folder, `${basename(target)}.cfg.tmp.${process.pid}.0`);
  const fd = openSync(
    temp,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    try {
      writeFileSync(fd, text, "utf8");
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temp, target);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** What a crash left behind: under the lock nobody else is writing, so any temporary file is a dead one. */
function sweep(target: string): void {
  const prefix = `${basename(target)}.cfg.tmp.`;
  for (const name of readdirSync(dirname(target))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(target), name), { force: true });
  }
}

function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return path;
    throw error;
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
