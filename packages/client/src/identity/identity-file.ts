import { dirname } from "node:path";
import {
  createPrivate,
  type DiskSteps,
  type FileRefusal,
  readPrivate,
  refuseSystem,
  systemSteps,
} from "@carapace/files";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import { type KeptIdentity, readStoredIdentity, type StoredIdentity } from "./device-identity.ts";

const maxFileBytes = 65_536;

/**
 * Reads the device identity of a file (cli.md §2.6): owner-only, not through a link.
 * @returns undefined if there is none; `invalid_request` for a file that is not a sound identity, `unavailable` if the
 *   disk refuses
 */
export function readIdentityFile(path: string): Result<KeptIdentity | undefined> {
  const read = readPrivate(path, { maxBytes: maxFileBytes, mode: "refuse" });
  if (!read.ok) return explained(path, read);
  if (read.value === undefined) return ok(undefined);
  const identity = readStoredIdentity(new TextDecoder().decode(read.value));
  return identity.ok ? identity : unusable(path, identity.say);
}

/** Makes the file in a folder that is there: whole or not at all, and never over another one. */
export function createIdentityFile(
  path: string,
  stored: StoredIdentity,
  steps: DiskSteps = systemSteps,
): Refusal | undefined {
  const made = createPrivate(path, Buffer.from(`${JSON.stringify(stored, undefined, 2)}\n`), steps);
  return made.ok ? undefined : explained(path, made);
}

/** Removes the file whose identity is kept elsewhere by now. */
export function removeIdentityFile(path: string, steps: DiskSteps = systemSteps): Refusal | undefined {
  try {
    steps.remove(path);
    steps.syncFolder(dirname(path));
    return undefined;
  } catch (error) {
    const refusal = refuseSystem(path, error, "removed");
    return refusal.system === "ENOENT" ? undefined : explained(path, refusal);
  }
}

function explained(path: string, refusal: FileRefusal): Refusal {
  if (refusal.system !== undefined) return diskRefusal(path, refusal.why);
  const isOpen = refusal.problem === "mode";
  return isOpen
    ? refuse("invalid_request", `The device identity ${refusal.say}`)
    : unusable(path, `it ${refusal.why}`);
}

function unusable(path: string, why: string): Refusal {
  return refuse(
    "invalid_request",
    `The device identity ${path} cannot be used: ${why}. Move it away to get a new one, and pair again.`,
  );
}

function diskRefusal(path: string, why: string): Refusal {
  return refuse(
    "unavailable",
    `The device identity ${path} ${why}. Check the folder's permissions and its disk.`,
  );
}
