import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { LoadError } from "./failure.ts";

/** Largest file, in bytes; main file and every include (config.md §2). */
export const maxFileBytes = 4 * 1024 * 1024;

export interface FileText {
  readonly text: string;
  /** Lower-case hex SHA-256 of the bytes. */
  readonly hash: string;
}

/**
 * Reads a configuration file: regular, at most 4 MiB, UTF-8. Opened without blocking, so that a FIFO is refused and
 * not waited for. @returns undefined if it is not there. @throws LoadError `ReadError`
 */
export function readConfigFile(file: string): FileText | undefined {
  const bytes = readBytes(file);
  if (bytes === undefined) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, hash: sha256(bytes) };
  } catch {
    throw new LoadError("ReadError", "the file is not UTF-8; save it as UTF-8", { file });
  }
}

/** Lower-case hex SHA-256 of a text as it would stand in a file. */
export function hashOf(text: string): string {
  return sha256(text);
}

/** By the runtime itself: `node:crypto` takes 5 ms to load, which every command would wait for. */
function sha256(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}

function readBytes(file: string): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new LoadError("ReadError", `the file cannot be read (${code}); ${adviceFor(code)}`, { file });
  }
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile())
      throw new LoadError("ReadError", "this is not a regular file; name a file, or remove it", { file });
    if (facts.size > maxFileBytes) throw tooLarge(file);
    return readAll(fd, facts.size, file);
  } finally {
    closeSync(fd);
  }
}

/** Reads what is there, and one byte more than allowed at most: the file may grow while it is read. */
function readAll(fd: number, size: number, file: string): Buffer {
  let buffer = Buffer.allocUnsafe(Math.min(size, maxFileBytes) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(fd, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length > maxFileBytes) throw tooLarge(file);
    if (length === buffer.length)
      buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, maxFileBytes + 1));
  }
}

function tooLarge(file: string): LoadError {
  return new LoadError("ReadError", "the file is larger than 4 MiB; move parts of it out with $include", {
    file,
  });
}

function adviceFor(code: string): string {
  if (code === "EACCES" || code === "EPERM") return "check who owns it and its permissions";
  return code === "ELOOP" ? "its symbolic links go in a circle" : "check the path";
}

/** The system's error code, or `unknown`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
