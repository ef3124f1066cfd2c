import { dirname, join } from "node:path";
import type { FileRefusal } from "@carapace/files";
import { createPrivate } from "@carapace/files/create";
import { readPrivate } from "@carapace/files/read";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import { fileError, prepareDirectory } from "../directory.ts";
import { StateError } from "../errors.ts";

/** Where the 256-bit key of a state directory is, as `state.key` says it: one line. */
export type StoredKey =
  /** In the file itself: 64 hex characters. */
  | { readonly place: "file"; readonly key: Uint8Array }
  /** In the file, sealed with the configuration's password: an `enc:v2` envelope of the 64 characters. */
  | { readonly place: "password"; readonly envelope: string }
  /** In the credential store, as 64 hex characters under `state:key:<id>`: `store:v1:<id>`. */
  | { readonly place: "credential-store"; readonly id: string };

/** Bytes of a key. */
export const keyBytes = 32;

const maxBytes = 512;
const plainForm = /^[0-9a-f]{64}$/;
const pointerForm = /^store:v1:([0-9a-f]{32})$/;

export function keyPath(dir: string): string {
  return join(dir, "state.key");
}

/** The account of the credential store that holds a key; 42 bytes. */
export function keyAccount(id: string): string {
  return `state:key:${id}`;
}

/** The key of its 64 characters; undefined for anything else. */
export function parseKey(hex: string): Uint8Array | undefined {
  return plainForm.test(hex) ? new Uint8Array(Buffer.from(hex, "hex")) : undefined;
}

/** @throws StateError `invalid` unless it has 32 bytes */
export function keyText(key: Uint8Array): string {
  if (key.length !== keyBytes) throw new StateError("invalid", "The database key must have 32 bytes.");
  return Buffer.from(key).toString("hex");
}

/** The content of `state.key`. */
export function encodeStoredKey(stored: StoredKey): Uint8Array {
  const line =
    stored.place === "file"
      ? keyText(stored.key)
      : stored.place === "password"
        ? stored.envelope
        : `store:v1:${stored.id}`;
  return Buffer.from(`${line}\n`);
}

/**
 * Reads `state.key`. One that others could read is refused: they may have it.
 * @returns undefined if there is none. @throws StateError `key_unreadable`, `foreign_owner`
 */
export function readStoredKey(dir: string): StoredKey | undefined {
  const path = keyPath(dir);
  const read = readPrivate(path, { maxBytes, mode: "refuse" });
  if (!read.ok) throw explained(path, read);
  if (read.value === undefined) return undefined;
  const stored = parse(new TextDecoder().decode(read.value));
  if (stored === undefined) throw unreadable(path, "it does not hold a key");
  return stored;
}

/** Makes `state.key`; never overwrites one. @throws StateError `key_exists`, `disk_full`, `io` */
export function createStoredKey(dir: string, stored: StoredKey): void {
  const path = keyPath(dir);
  const bytes = encodeStoredKey(stored);
  prepareDirectory(dirname(path));
  const made = createPrivate(path, bytes);
  if (made.ok) return;
  if (made.problem !== "exists") throw fileError(made);
  throw new StateError("key_exists", `${path} is there already: it is never overwritten.`);
}

function parse(text: string): StoredKey | undefined {
  if (!text.endsWith("\n")) return undefined;
  const line = text.slice(0, -1);
  const key = parseKey(line);
  if (key !== undefined) return { place: "file", key };
  const id = pointerForm.exec(line)?.[1];
  if (id !== undefined) return { place: "credential-store", id };
  return envelopeKind(line) === "v2" ? { place: "password", envelope: line } : undefined;
}

function explained(path: string, refusal: FileRefusal): StateError {
  if (refusal.problem === "owner") return fileError(refusal);
  const hasOwnAdvice = refusal.problem === "mode" || refusal.problem === "system";
  if (hasOwnAdvice) return new StateError("key_unreadable", `The key file ${refusal.say}`);
  return unreadable(path, `it ${refusal.why}`);
}

function unreadable(path: string, why: string): StateError {
  return new StateError(
    "key_unreadable",
    `The key file ${path} cannot be used: ${why}. Put the right file back, or restore a backup.`,
  );
}
