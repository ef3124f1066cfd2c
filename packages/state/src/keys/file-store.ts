import { StateError } from "../errors.ts";
import type { KeyStore } from "../types.ts";
import { createStoredKey, keyPath, readStoredKey } from "./stored-key.ts";

/**
 * Keeps the key in `<dir>/state.key` itself: 64 hex characters and a newline, readable by its owner only. For where
 * there is nothing better; `stateKeys` chooses.
 */
export function fileKeyStore(dir: string): KeyStore {
  return {
    load: async () => {
      const stored = readStoredKey(dir);
      if (stored === undefined || stored.place === "file") return stored?.key;
      throw new StateError("key_unreadable", `${keyPath(dir)} does not hold the key itself.`);
    },
    create: async (key) => createStoredKey(dir, { place: "file", key }),
  };
}
