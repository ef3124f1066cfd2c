import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CredentialStore, CredentialStoreError } from "@carapace/secrets";
import { stateKeys } from "../../keys/places.ts";
import { openState } from "../../open.ts";
import type { State } from "../../types.ts";

/** A credential store in memory; `none` without entries of its own. */
export function memoryStore(entries?: Map<string, string>): CredentialStore {
  return {
    kind: entries === undefined ? "none" : "secret-service",
    isDurable: entries !== undefined,
    get: async (account) => entries?.get(account),
    set: async (account, value) => {
      if (entries === undefined) throw new CredentialStoreError("store_unavailable", "there is no store");
      entries.set(account, value);
    },
    delete: async (account) => entries?.delete(account) ?? false,
  };
}

/** A state directory of a test, and what backup and restore need to know of it. */
export function testDirectory(entries?: Map<string, string>, password?: string, below = tmpdir()) {
  const root = mkdtempSync(join(below, "carapace-backup-"));
  const dir = join(root, "state");
  mkdirSync(dir, { mode: 0o700 });
  const store = memoryStore(entries);
  const keys = stateKeys({ dir, store: async () => store, password });
  const newId = () => crypto.randomUUID();
  return {
    root,
    dir,
    keys,
    entries,
    configPath: join(dir, "carapace.json"),
    common: {
      dir,
      keys,
      newId,
      nowMs: () => 1_764_000_000_000,
      random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
      credentials: async () => ({ store, accounts: entries?.keys() ?? [] }),
    },
    open: (): Promise<State> => openState({ dir, keys, newId }),
    names: () =>
      readdirSync(dir)
        .filter((name) => !name.endsWith(".lock"))
        .sort(),
    mode: (name: string) => (statSync(join(dir, name)).mode & 0o777).toString(8),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export type TestDirectory = ReturnType<typeof testDirectory>;
