import { StateError } from "../errors.ts";
import { keyPath, readStoredKey, type StoredKey } from "./stored-key.ts";

/** Where the database key of a directory is. `none`: nothing is stored yet; `unreadable`: `say` tells why. */
export interface KeyLocation {
  readonly place: StoredKey["place"] | "none" | "unreadable";
  /** What the owner should know of it and do about it, in one sentence; undefined where all is well. */
  readonly say?: string;
}

/** Tells where the key is without asking for it: no password, no credential store. Never throws for what is there. */
export function keyLocation(dir: string): KeyLocation {
  try {
    const place = readStoredKey(dir)?.place ?? "none";
    return place === "file" ? { place, say: plainSay(dir) } : { place };
  } catch (error) {
    if (error instanceof StateError) return { place: "unreadable", say: error.message };
    throw error;
  }
}

function plainSay(dir: string): string {
  return `The database key lies unprotected in ${keyPath(dir)}: whoever copies the directory can read everything. Set CARAPACE_CONFIG_PASSWORD, or log in to a desktop with a credential store, then run: cara state rekey`;
}
