import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Environment } from "@carapace/config";
import { systemCode } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

/**
 * Where sudo leaves HOME as it is, root would make folders in its user's home that shut that user out, up to the whole
 * of `~/.config`. What root may make in a folder of its own is its business.
 * @param path A folder that may not be there yet
 */
export function notBySudo(path: string, env: Environment): Result<undefined> {
  const caller = Number(env["SUDO_UID"] || 0);
  if (process.geteuid?.() !== 0 || !(caller > 0)) return ok(undefined);
  for (let folder = path; ; folder = dirname(folder)) {
    const facts = factsOf(folder);
    if (facts?.uid === caller)
      return refuse("forbidden", `${folder} is yours, not root's: run it again without sudo`);
    if (facts !== undefined || folder === dirname(folder)) return ok(undefined);
  }
}

/** What stands in the way of looking is told by whoever makes the folder. */
function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
