import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { createPrivate, ensureFolder, type FileRefusal, readPrivate } from "@carapace/files";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import type { DeviceIdentity } from "../types.ts";
import { readStoredIdentity, storedIdentity } from "./device-identity.ts";

const maxFileBytes = 65_536;

/**
 * The device identity of a file (cli.md §2.6), which is made if it is not there: owner-only, never overwritten, and
 * whole before anybody can see it. Of two processes that make it at once, both get the same one.
 * @returns `invalid_request` for a file that is not a sound identity, `unavailable` if the disk refuses.
 */
export async function openDeviceIdentity(path: string): Promise<Result<DeviceIdentity>> {
  const existing = await loadDeviceIdentity(path);
  if (!existing.ok) return existing;
  if (existing.value !== undefined) return ok(existing.value);
  const refusal = createFile(path);
  if (refusal !== undefined) return refusal;
  const made = await loadDeviceIdentity(path);
  if (!made.ok) return made;
  return made.value === undefined ? unusable(path, "it vanished while it was made") : ok(made.value);
}

/** Reads a device identity. @returns undefined if there is no file; refusals as {@link openDeviceIdentity}. */
export async function loadDeviceIdentity(path: string): Promise<Result<DeviceIdentity | undefined>> {
  const read = readPrivate(path, { maxBytes: maxFileBytes, mode: "refuse" });
  if (!read.ok) return explained(path, read);
  if (read.value === undefined) return ok(undefined);
  const identity = readStoredIdentity(parse(read.value));
  return identity.ok ? identity : unusable(path, identity.say);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function createFile(path: string): Refusal | undefined {
  const folder = ensureFolder(dirname(path));
  if (!folder.ok) return explained(path, folder);
  const text = `${JSON.stringify(storedIdentity(randomBytes(32)), undefined, 2)}\n`;
  const made = createPrivate(path, Buffer.from(text));
  // Another process was quicker: its identity is read.
  return made.ok || made.problem === "exists" ? undefined : explained(path, made);
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
