import { statfs, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const probeLifetimeMs = 5000;

/** Whether the state directory takes a new file (http.md §6); asked at most every 5 s. */
export function createStorageProbe(
  dir: string,
  newId: () => string,
  nowMs: () => number,
): () => Promise<boolean> {
  let known: { readonly writable: Promise<boolean>; readonly atMs: number } | undefined;
  return () => {
    if (known === undefined || nowMs() - known.atMs > probeLifetimeMs) {
      known = { writable: takesFile(join(dir, `.probe-${newId()}`)), atMs: nowMs() };
    }
    return known.writable;
  };
}

async function takesFile(path: string): Promise<boolean> {
  try {
    await writeFile(path, "", { flag: "wx", mode: 0o600 });
    await unlink(path);
    return true;
  } catch {
    return false;
  }
}

/** Free bytes of the file system below a directory; undefined where that cannot be told. */
export async function freeBytes(dir: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
