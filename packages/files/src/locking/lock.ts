import { closeSync, fstatSync } from "node:fs";
import { openOrMake } from "../reading/open.ts";
import { type FileRefusal, type FileResult, refuseFile } from "../refusal.ts";
import { loadFlock, type TryLock } from "./flock.ts";

const firstPauseMs = 25;
const longestPauseMs = 250;

/** A held lock; given back when it is disposed of or the process ends. Its file stays. */
export interface HeldLock extends Disposable {
  readonly path: string;
}

export interface LockOptions {
  /** How long to try; one attempt unless told. */
  readonly waitMs?: number;
}

/**
 * Takes the advisory lock (`flock`, state.md §2) of a file, made 0600 if it is missing. It also excludes a second
 * caller of this process: each call opens the file anew.
 * @returns `held` if somebody else has it after `waitMs`; `system` where files cannot be locked
 */
export async function lockFile(
  path: string,
  { waitMs = 0 }: LockOptions = {},
): Promise<FileResult<HeldLock>> {
  const tryLock = await loadFlock();
  if (tryLock === undefined) return refuseFile(path, "system", "cannot be locked on this system");
  const deadline = performance.now() + waitMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const outcome = tryOnce(path, tryLock);
    if (outcome.ok || outcome.problem !== "held") return outcome;
    if (performance.now() + pause > deadline) return outcome;
    await Bun.sleep(pause);
  }
}

function tryOnce(path: string, tryLock: TryLock): FileResult<HeldLock> {
  const opened = openOrMake(path);
  if (!opened.ok) return opened;
  using file = opened.value;
  const outcome = tryLock(file.fd);
  if (typeof outcome === "object") return unlockable(path, outcome.errno);
  // The lock of a file that was removed meanwhile keeps nobody out.
  if (outcome === "held" || fstatSync(file.fd).nlink === 0) return held(path);
  return { ok: true, value: heldLock(path, file.keep()) };
}

/** A bare descriptor: a file handle would close itself, and lose the lock, when nobody keeps a reference to it. */
function heldLock(path: string, fd: number): HeldLock {
  let isHeld = true;
  return {
    path,
    [Symbol.dispose]: () => {
      if (!isHeld) return;
      isHeld = false;
      closeSync(fd);
    },
  };
}

function held(path: string): FileRefusal {
  return refuseFile(path, "held", "is held by another process");
}

function unlockable(path: string, errno: number): FileRefusal {
  return refuseFile(path, "system", `cannot be locked (error ${errno}; the file system may not support it)`);
}
