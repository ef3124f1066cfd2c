import { realpathSync } from "node:fs";
import type { FileRefusal, FileResult } from "@carapace/files";
import { readPrivate } from "@carapace/files/read";
import { systemCode } from "@carapace/files/system-code";
import { LoadError } from "./failure.ts";

/** Largest file, in bytes; main file and every include (config.md §2). */
export const maxFileBytes = 4 * 1024 * 1024;

export interface FileText {
  readonly text: string;
  /** Lower-case hex SHA-256 of the bytes. */
  readonly hash: string;
}

/**
 * Reads a configuration file: regular, of this user or the administrator, at most 4 MiB, UTF-8. A FIFO is refused and
 * not waited for; symbolic links are followed. @returns undefined if it is not there. @throws LoadError `ReadError`
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

function readBytes(file: string): Uint8Array | undefined {
  const read = readFollowing(file);
  if (read.ok) return read.value;
  if (read.system === "ENOTDIR") return undefined;
  throw new LoadError("ReadError", sentenceOf(read), { file });
}

function readFollowing(file: string): FileResult<Uint8Array | undefined> {
  const read = readOwn(file);
  if (read.ok || read.problem !== "link") return read;
  const target = realTarget(file);
  return target === undefined ? { ok: true, value: undefined } : readOwn(target);
}

function readOwn(path: string): FileResult<Uint8Array | undefined> {
  return readPrivate(path, { maxBytes: maxFileBytes, mode: "any" });
}

function realTarget(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const why = code === "ELOOP" ? "its symbolic links go in a circle" : "check its permissions";
    throw new LoadError("ReadError", `the file cannot be read (${code}); ${why}`, { file });
  }
}

function sentenceOf({ problem, why, advice, system }: FileRefusal): string {
  if (problem === "size") return "the file is larger than 4 MiB; move parts of it out with $include";
  if (problem === "kind") return `this ${why}; name a file, or remove it`;
  return system === undefined ? `this ${why}; ${advice}` : `the file cannot be read (${system}); ${advice}`;
}
