import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureFolder, privateDirectory, systemSteps } from "@carapace/files";
import { accepted } from "../../directory.ts";
import { StateError } from "../../errors.ts";
import { explained } from "../explained.ts";
import { keptFolder } from "../full/walk.ts";
import { storeRestoredCredentials } from "./credentials.ts";
import { prepareFull } from "./full.ts";
import { preparePortable } from "./portable.ts";
import { abandonSwap, beginSwap, configTarget, sameFolder, swap } from "./swap.ts";
import type { RestoreOptions, RestoreReport } from "./types.ts";
import { assertRoom, unpack } from "./unpack.ts";

/**
 * Restores an archive (cli.md §3.9): everything is unpacked, taken in and verified beside what there is, then takes its
 * place at once. Whenever this process dies, the old state or the new one is there.
 * @throws StateError and nothing was changed
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { dir, configPath, archive, facts, steps = systemSteps, onRead } = options;
  const place = { dir, configPath, steps };
  accepted(privateDirectory(dir));
  const staging = beginSwap(place);
  const assertStaged = sameFolder(staging);
  let isDecided = false;
  try {
    // The files once, what they become, and what is kept of what there was.
    assertRoom(dir, facts.bytes * 2);
    const unpacked = join(staging, "unpacked");
    mkdirSync(unpacked, { mode: 0o700 });
    await unpack({ archive, facts, into: unpacked, steps, ...(onRead && { onRead }) });
    const prepare = facts.kind === "full" ? prepareFull : preparePortable;
    const { changes, ...prepared } = await prepare(options, staging, unpacked);
    options.signal?.throwIfAborted();
    accepted(privateDirectory(join(dir, keptFolder)));
    accepted(ensureFolder(dirname(configTarget(configPath))));
    assertStaged();
    const unfinished = swap(place, changes);
    isDecided = true;
    const late = unfinished === undefined ? await settled(options) : [];
    const problems = [...prepared.problems, ...late];
    return {
      sections: facts.sections,
      ...prepared,
      problems,
      ...(unfinished !== undefined && { unfinished }),
    };
  } catch (error) {
    throw explained(dir, withWayOut(dir, error));
  } finally {
    if (!isDecided) {
      abandonSwap(place);
      await options.keys.tidy();
    }
  }
}

/** What comes after everything took its place: that it failed is told, and does not undo anything. */
async function settled({ dir, keys, credentials }: RestoreOptions): Promise<readonly string[]> {
  try {
    await keys.tidy();
    return await storeRestoredCredentials(dir, credentials);
  } catch (error) {
    if (error instanceof StateError) return [error.message];
    throw error;
  }
}

/** A key that is locked may be lost for good: its own sentence advises the very restore that it refuses. */
function withWayOut(dir: string, error: unknown): unknown {
  if (!(error instanceof StateError) || error.code !== "key_locked") return error;
  const say = `${error.message} If that cannot be had any more, move state.db and state.key out of ${dir} and restore again.`;
  return new StateError(error.code, say, { cause: error });
}
