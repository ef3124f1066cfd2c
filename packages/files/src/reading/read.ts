import { fstatSync, lstatSync, readSync } from "node:fs";
import { type FileResult, refuseFile, refuseSystem } from "../refusal.ts";
import { judge, type ModeRule, ownUid } from "./facts.ts";
import { openPrivate } from "./open.ts";

export interface ReadOptions {
  /** A larger file is refused before it is read. */
  readonly maxBytes: number;
  readonly mode: ModeRule;
}

/**
 * Reads a file that is the owner's alone (state.md §2): not through a symbolic link, without waiting for a pipe,
 * regular, of this user, under one name. @returns undefined if there is none
 */
export function readPrivate(
  path: string,
  { maxBytes, mode }: ReadOptions,
): FileResult<Uint8Array | undefined> {
  const opened = openPrivate(path, mode);
  if (!opened.ok) return opened;
  if (opened.value === undefined) return { ok: true, value: undefined };
  using file = opened.value;
  try {
    const { size } = fstatSync(file.fd);
    const bytes = size > maxBytes ? undefined : readAll(file.fd, size, maxBytes);
    if (bytes !== undefined) return { ok: true, value: bytes };
    return refuseFile(path, "size", `is larger than ${maxBytes} bytes`);
  } catch (error) {
    return refuseSystem(path, error, "read");
  }
}

/**
 * The checks of {@link readPrivate} without reading. A file with nothing wrong is only looked at, not opened: closing a
 * descriptor of a database would drop the locks that connections of this process hold on it (fcntl).
 * @returns its size in bytes, or undefined if there is none
 */
export function checkPrivate(path: string, mode: ModeRule): FileResult<number | undefined> {
  const seen = soundSize(path, mode);
  if (seen !== undefined) return { ok: true, value: seen };
  const opened = openPrivate(path, mode);
  if (!opened.ok) return opened;
  if (opened.value === undefined) return { ok: true, value: undefined };
  using file = opened.value;
  return { ok: true, value: fstatSync(file.fd).size };
}

/** @returns undefined if the file has to be opened: to mend its mode, or to say what is wrong */
function soundSize(path: string, rule: ModeRule): number | undefined {
  try {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined || judge(facts, rule, ownUid()) !== undefined) return undefined;
    return rule === "tighten" && (facts.mode & 0o777) !== 0o600 ? undefined : facts.size;
  } catch {
    return undefined;
  }
}

/** Reads what is there, and one byte more than allowed at most: the file may grow while it is read. */
function readAll(fd: number, size: number, maxBytes: number): Uint8Array | undefined {
  let buffer = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(fd, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length > maxBytes) return undefined;
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, maxBytes + 1));
  }
}
