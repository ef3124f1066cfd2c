import { type DiskSteps, systemSteps } from "../writing/steps.ts";

/** The process died: nobody handles this, and no step is taken after it. */
export class Crash extends Error {}

/** The system's error of a code, as `node:fs` throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * The real steps, but `strike` is called before the one numbered `at` (from 0): it may throw {@link systemError} or a
 * {@link Crash}, or change the disk behind the writer's back. If it throws at a write, half of that is written.
 */
export function faultySteps(at: number, strike: () => void): DiskSteps & { readonly taken: string[] } {
  const taken: string[] = [];
  let isDead = false;
  const hit = (name: string) => {
    if (isDead) throw new Crash(name);
    taken.push(name);
    if (taken.length - 1 !== at) return;
    try {
      strike();
    } catch (error) {
      isDead = error instanceof Crash;
      throw error;
    }
  };
  const step =
    <A extends unknown[], R>(name: string, run: (...args: A) => R) =>
    (...args: A): R => {
      hit(name);
      return run(...args);
    };
  const { create, sync, link, rename, remove, makeFolder, removeTree, syncFolder } = systemSteps;
  return {
    taken,
    create: step("create", create),
    write: (fd, bytes) => {
      try {
        hit("write");
      } catch (error) {
        systemSteps.write(fd, bytes.subarray(0, bytes.length >> 1));
        throw error;
      }
      systemSteps.write(fd, bytes);
    },
    sync: step("sync", sync),
    link: step("link", link),
    rename: step("rename", rename),
    remove: step("remove", remove),
    makeFolder: step("makeFolder", makeFolder),
    removeTree: step("removeTree", removeTree),
    syncFolder: step("syncFolder", syncFolder),
  };
}
