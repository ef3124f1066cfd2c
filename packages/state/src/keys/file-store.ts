import { dirname, join } from "node:path";
import { createPrivate, type FileRefusal, readPrivate } from "@carapace/files";
import { fileError, prepareDirectory } from "../directory.ts";
import { StateError } from "../errors.ts";
import type { KeyStore } from "../types.ts";

const keyLine = /^([0-9a-f]{64})\n$/;
const fileBytes = 65;

/**
 * Keeps the key in `<dir>/state.key`: 64 hex characters and a newline, readable by its owner only. A key that others
 * could read is refused: they may have it.
 */
export function fileKeyStore(dir: string): KeyStore {
  const path = join(dir, "state.key");
  return { load: async () => load(path), create: async (key) => create(path, key) };
}

function load(path: string): Uint8Array | undefined {
  const read = readPrivate(path, { maxBytes: fileBytes, mode: "refuse" });
  if (!read.ok) throw explained(path, read);
  if (read.value === undefined) return undefined;
  const hex = keyLine.exec(new TextDecoder().decode(read.value))?.[1];
  if (hex === undefined) throw unreadable(path, "it does not hold a key");
  return new Uint8Array(Buffer.from(hex, "hex"));
}

function create(path: string, key: Uint8Array): void {
  if (key.length !== 32) throw new StateError("invalid", "The database key must have 32 bytes.");
  prepareDirectory(dirname(path));
  const made = createPrivate(path, Buffer.from(`${Buffer.from(key).toString("hex")}\n`));
  if (made.ok) return;
  if (made.problem !== "exists") throw fileError(made);
  throw new StateError("key_exists", `${path} is there already: it is never overwritten.`);
}

function explained(path: string, refusal: FileRefusal): StateError {
  if (refusal.problem === "owner") return fileError(refusal);
  if (refusal.problem === "mode") return new StateError("key_unreadable", `The key file ${refusal.say}`);
  return unreadable(path, `it ${refusal.why}`);
}

function unreadable(path: string, why: string): StateError {
  return new StateError(
    "key_unreadable",
    `The key file ${path} cannot be used: ${why}. Put the right file back, or restore a backup.`,
  );
}
