import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import type { DeviceIdentity } from "../types.ts";
import { readStoredIdentity, storedIdentity } from "./device-identity.ts";

const maxFileBytes = 65_536;
// Not following links, and not waiting if somebody put a pipe there. Windows knows neither flag.
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The device identity of a file (cli.md §2.6), which is made if it is not there: owner-only, never overwritten, and
 * whole before anybody can see it. Of two processes that make it at once, both get the same one.
 * @returns `invalid_request` for a file that is not a sound identity, `unavailable` if the disk refuses.
 */
export async function openDeviceIdentity(path: string): Promise<Result<DeviceIdentity>> {
  const existing = await loadDeviceIdentity(path);
  if (!existing.ok) return existing;
  if (existing.value !== undefined) return ok(existing.value);
  const refusal = await createFile(path);
  if (refusal !== undefined) return refusal;
  const made = await loadDeviceIdentity(path);
  if (!made.ok) return made;
  return made.value === undefined ? unusable(path, "it vanished while it was made") : ok(made.value);
}

/** Reads a device identity. @returns undefined if there is no file; refusals as {@link openDeviceIdentity}. */
export async function loadDeviceIdentity(path: string): Promise<Result<DeviceIdentity | undefined>> {
  try {
    await using file = await open(path, readFlags);
    const text = await readOwnFile(file);
    if (!text.ok) return unusable(path, text.say);
    const identity = readStoredIdentity(parse(text.value));
    return identity.ok ? identity : unusable(path, identity.say);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return ok(undefined);
    if (code === "ELOOP") return unusable(path, "it is a symbolic link");
    return diskRefusal("read", path, code);
  }
}

async function readOwnFile(file: FileHandle): Promise<Result<string>> {
  const stat = await file.stat();
  if (!stat.isFile()) return refuse("invalid_request", "it is not a regular file");
  if (stat.size > maxFileBytes) return refuse("invalid_request", `it is larger than ${maxFileBytes} bytes`);
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0)
    return refuse("invalid_request", "others may read it (mend with chmod 600)");
  const room = Buffer.alloc(maxFileBytes);
  const { bytesRead } = await file.read(room, 0, room.length, 0);
  return ok(room.toString("utf8", 0, bytesRead));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes a new identity beside the path and links it there: the link fails if the name is taken. */
async function createFile(path: string): Promise<Refusal | undefined> {
  const draft = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDraft(draft, `${JSON.stringify(storedIdentity(randomBytes(32)), undefined, 2)}\n`);
    await link(draft, path);
    await syncFolder(dirname(path));
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    return code === "EEXIST" ? undefined : diskRefusal("write", path, code);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function writeDraft(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; there the rename is durable with its volume.
  if (process.platform === "win32") return;
  await using folder = await open(path, "r");
  await folder.sync();
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

function unusable(path: string, why: string): Refusal {
  return refuse(
    "invalid_request",
    `The device identity ${path} cannot be used: ${why}. Move it away to get a new one, and pair again.`,
  );
}

function diskRefusal(verb: string, path: string, code: string): Refusal {
  return refuse(
    "unavailable",
    `Cannot ${verb} the device identity ${path} (${code}). Check the folder's permissions.`,
  );
}
