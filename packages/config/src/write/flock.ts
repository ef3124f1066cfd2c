import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { errorCode } from "../load/read.ts";

const exclusive = 2;
const withoutWaiting = 4;

const libraries: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
};

const firstPauseMs = 25;
const longestPauseMs = 250;

/** A held lock; the file stays. */
export interface HeldLock extends Disposable {
  readonly path: string;
}

/**
 * Takes the advisory lock (`flock`) of a file, creating it 0600; the reference uses the same call on the same file, so
 * both programs exclude each other, and the system drops it when a process dies (config.md §10). It also excludes a
 * second caller of this process: each call opens the file anew.
 * @returns `unavailable` if it is still held after `waitMs`, or if this system has no such lock
 */
export async function lockFile(path: string, waitMs: number): Promise<Result<HeldLock>> {
  const flock = await loadFlock();
  if (!flock)
    return refuse(
      "unavailable",
      "this system offers no file lock that the configuration could be written under",
    );
  const opened = openLock(path);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const deadline = performance.now() + waitMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    if (flock(fd, exclusive | withoutWaiting) === 0) {
      return ok({ path, [Symbol.dispose]: () => closeSync(fd) });
    }
    if (performance.now() + pause > deadline) {
      closeSync(fd);
      return refuse(
        "unavailable",
        `another program has been holding ${path} for ${waitMs / 1000} s; try again when it is done`,
      );
    }
    await Bun.sleep(pause);
  }
}

function openLock(path: string): Result<number> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const fd = openSync(path, flags, 0o600);
    if (fstatSync(fd).isFile()) return ok(fd);
    closeSync(fd);
    return refuse("unavailable", `${path} is not a regular file; remove it`);
  } catch (error) {
    return refuse(
      "unavailable",
      `the lock ${path} cannot be opened (${errorCode(error)}); check the folder's permissions`,
    );
  }
}

async function loadFlock(): Promise<((fd: number, operation: number) => number) | undefined> {
  const { dlopen, FFIType } = await import("bun:ffi");
  for (const library of libraries[process.platform] ?? []) {
    try {
      return dlopen(library, { flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 } }).symbols
        .flock;
    } catch {
      // Not this C library: try the next name.
    }
  }
  return undefined;
}
