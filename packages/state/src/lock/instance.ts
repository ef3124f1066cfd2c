import { join } from "node:path";
import { type HeldLock, lockFile } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol";
import { fileError, prepareDirectory } from "../directory.ts";
import { readPidFile, removePidFile, writePidFile } from "./pid-file.ts";

/** The right to be the one process that works on a state directory; held until it is disposed of or the process ends. */
export interface InstanceLock extends AsyncDisposable {
  /** Writes `daemon.pid`; it is removed when the lock is given back. */
  announce(pid: number): Promise<void>;
}

/**
 * Takes the lock of a state directory (state.md §2, cli.md §2.7): `flock` on `.matrix-rekey.lock.lock`, which is kept.
 * Does not wait. The lock alone decides: `daemon.pid` only names who holds it, for it outlives a crash, and after a
 * power failure its number may be any other process's.
 * @returns the refusal `conflict` naming the other process, if one holds it
 * @throws StateError if the directory or the file cannot be used
 */
export async function acquireInstanceLock(dir: string): Promise<Result<InstanceLock>> {
  prepareDirectory(dir);
  const lock = await lockFile(join(dir, ".matrix-rekey.lock.lock"));
  if (lock.ok) return ok(instanceLock(lock.value, dir));
  if (lock.problem !== "held") throw fileError(lock);
  return refusal(dir, readPidFile(dir));
}

function instanceLock(lock: HeldLock, dir: string): InstanceLock {
  let announced: number | undefined;
  return {
    announce: async (pid) => {
      await writePidFile(dir, pid);
      announced = pid;
    },
    [Symbol.asyncDispose]: async () => {
      if (announced !== undefined) await removePidFile(dir, announced);
      announced = undefined;
      lock[Symbol.dispose]();
    },
  };
}

function refusal(dir: string, pid: number | undefined) {
  const who =
    pid === undefined ? "Another process of this program" : `Another process of this program (pid ${pid})`;
  const file = join(dir, "daemon.pid");
  return refuse("conflict", `${who} works on ${dir}: stop it, then try again.`, { pid, dir, file });
}
