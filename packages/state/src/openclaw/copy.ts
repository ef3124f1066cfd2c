import { closeSync, constants, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPrivate, systemCode } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

/** A copy of a database that another program may have open; it goes when it is disposed of. */
export interface DatabaseCopy extends Disposable {
  readonly file: string;
}

/** Larger ones are refused before they are copied. */
const maxCopyBytes = 16 * 1024 ** 3;
const chunkBytes = 4 * 1024 * 1024;
const tries = 3;

/**
 * Copies a database and its write-ahead log into an owner-only folder of its own: opening the original would write
 * beside it. Both are read between two looks at their size and time; if their program writes meanwhile, it is done again.
 * @returns `unavailable` for what may not be read or does not come to rest; undefined if there is no such file
 */
export async function copyDatabase(
  path: string,
  signal: AbortSignal,
): Promise<Result<DatabaseCopy | undefined>> {
  const folder = mkdtempSync(join(tmpdir(), "carapace-copy-"));
  const copy = { file: join(folder, "copy.db"), [Symbol.dispose]: () => remove(folder) };
  let outcome: Outcome = "changed";
  try {
    for (let attempt = 0; attempt < tries && outcome === "changed"; attempt += 1)
      outcome = await copyBoth(path, copy.file, signal);
  } catch (error) {
    remove(folder);
    const code = systemCode(error);
    if (code === undefined) throw error;
    return refuse("unavailable", `cannot be copied to ${tmpdir()} (${code}): make room there`);
  }
  if (outcome === "whole") return ok(copy);
  remove(folder);
  if (outcome === "missing") return ok(undefined);
  const busy = "is written to by its program all the time: stop it, then try again";
  return refuse("unavailable", outcome === "changed" ? busy : outcome.why);
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    // Windows keeps the name of an open file: the next call, once it is closed, takes it away.
    if (systemCode(error) === undefined) throw error;
  }
}

type Outcome = "whole" | "changed" | "missing" | { readonly why: string };

async function copyBoth(path: string, to: string, signal: AbortSignal): Promise<Outcome> {
  const main = openPrivate(path, "any");
  if (!main.ok) return { why: main.why };
  if (main.value === undefined) return "missing";
  using file = main.value;
  const log = openPrivate(`${path}-wal`, "any");
  if (!log.ok) return { why: `has a write-ahead log that ${log.why}` };
  using wal = log.value;
  const before = [lookOf(file.fd), wal === undefined ? "none" : lookOf(wal.fd)];
  if (sizeOf(file.fd) + (wal === undefined ? 0 : sizeOf(wal.fd)) > maxCopyBytes)
    return { why: `is larger than ${maxCopyBytes} bytes` };
  rmSync(`${to}-wal`, { force: true });
  await copyBytes(file.fd, to, signal);
  if (wal !== undefined) await copyBytes(wal.fd, `${to}-wal`, signal);
  const after = [lookOf(file.fd), wal === undefined ? "none" : lookOf(wal.fd)];
  return Bun.deepEquals(before, after) ? "whole" : "changed";
}

function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}

function lookOf(fd: number): string {
  const { size, mtimeMs } = fstatSync(fd);
  return `${size} ${mtimeMs}`;
}

async function copyBytes(from: number, path: string, signal: AbortSignal): Promise<void> {
  const to = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let at = 0;
    for (;;) {
      signal.throwIfAborted();
      const read = readSync(from, buffer, 0, buffer.length, at);
      if (read === 0) return;
      for (let done = 0; done < read; ) done += writeSync(to, buffer, done, read - done);
      at += read;
      // The calls are synchronous: let others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(to);
  }
}
