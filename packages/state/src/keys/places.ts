import { randomBytes } from "node:crypto";
import type { CredentialStore } from "@carapace/secrets";
import { StateError } from "../errors.ts";
import type { KeyStore } from "../types.ts";
import { dropLeftovers, noteAccounts } from "./leftovers.ts";
import {
  createStoredKey,
  keyAccount,
  keyPath,
  keyText,
  parseKey,
  readStoredKey,
  type StoredKey,
} from "./stored-key.ts";

export interface KeyPlaces {
  /** The state directory. */
  readonly dir: string;
  /** Opens the system's credential store; called only if it is needed. */
  readonly store: () => Promise<CredentialStore>;
  /** The configuration's password; undefined or empty if none is set. */
  readonly password: string | undefined;
}

/** The key of a state directory, in the best place this machine offers. */
export interface StateKeyStore extends KeyStore {
  /**
   * Puts a new key into the best place without using it yet: the content of `state.key` that leads to it. Whoever does
   * not write that calls `tidy`.
   */
  prepare(key: Uint8Array, password: string | undefined): Promise<StoredKey>;
  /**
   * Removes from the credential store what `state.key` does not lead to. Never throws. Only for the holder of the
   * instance lock: what another process has just prepared must stay.
   */
  tidy(): Promise<void>;
}

/**
 * Keeps the key where `docs/decisions/0009` says: in a credential store that survives a restart, else sealed with the
 * password, else in the file itself. What is there is read from where it is; a new one is never made over it.
 */
export function stateKeys(places: KeyPlaces): StateKeyStore {
  const { dir } = places;
  const tidy = () => tidyAccounts(places);
  return {
    async load() {
      const stored = readStoredKey(dir);
      return stored === undefined ? undefined : await open(places, stored);
    },
    async create(key) {
      try {
        createStoredKey(dir, await prepare(places, key, places.password));
      } finally {
        await tidy();
      }
    },
    prepare: (key, password) => prepare(places, key, password),
    tidy,
  };
}

async function tidyAccounts({ dir, store }: KeyPlaces): Promise<void> {
  let stored: StoredKey | undefined;
  try {
    stored = readStoredKey(dir);
  } catch (error) {
    // Which key is in use cannot be told: none is removed.
    if (error instanceof StateError) return;
    throw error;
  }
  await dropLeftovers(dir, { store, inUse: stored?.place === "credential-store" ? stored.id : undefined });
}

async function open(places: KeyPlaces, stored: StoredKey): Promise<Uint8Array> {
  switch (stored.place) {
    case "file":
      return stored.key;
    case "password":
      return await unseal(places, stored.envelope);
    case "credential-store":
      return await fetchKey(places, stored.id);
  }
}

async function unseal({ dir, password }: KeyPlaces, envelope: string): Promise<Uint8Array> {
  const file = keyPath(dir);
  if (!password) {
    const say = `The database key in ${file} is sealed with your password: set CARAPACE_CONFIG_PASSWORD to it and start again.`;
    throw new StateError("key_locked", say);
  }
  const { createSealer } = await import("@carapace/secrets/envelope");
  using sealer = createSealer(password);
  const opened = await sealer.open(envelope);
  const key = opened.ok ? parseKey(opened.value) : undefined;
  if (key !== undefined) return key;
  const say = `The database key in ${file} does not open with this CARAPACE_CONFIG_PASSWORD: set it to the password the key was sealed with, or restore a backup.`;
  throw new StateError("key_locked", say);
}

async function fetchKey({ dir, store }: KeyPlaces, id: string): Promise<Uint8Array> {
  const opened = await store();
  const value = await asked(() => opened.get(keyAccount(id)), dir);
  const key = value === undefined ? undefined : parseKey(value);
  if (key !== undefined) return key;
  if (opened.kind === "none" || !opened.isDurable) {
    const why = opened.why === undefined ? "" : ` (${opened.why})`;
    const say = `The database key of ${dir} is in the credential store of the login it was made in, and there is none here${why}: start from that login, or restore a backup.`;
    throw new StateError("key_locked", say);
  }
  const what =
    value === undefined ? "is not in the credential store any more" : "in the credential store is damaged";
  const say = `The database key of ${dir} ${what} (account ${keyAccount(id)}): restore a backup, or move the directory away to start afresh.`;
  throw new StateError("key_missing", say);
}

async function asked<T>(ask: () => Promise<T>, dir: string): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const refusal = await storeRefusal(error);
    const say = `The database key of ${dir} is in the credential store, which does not give it out: ${refusal.message}`;
    throw new StateError("key_locked", say, { cause: error });
  }
}

async function prepare(places: KeyPlaces, key: Uint8Array, password: string | undefined): Promise<StoredKey> {
  const hex = keyText(key);
  const current = readStoredKey(places.dir);
  if (current?.place === "credential-store") noteAccounts(places.dir, [current.id]);
  const inStore = await storeKey(places, hex);
  if (inStore !== undefined) return inStore;
  if (!password) return { place: "file", key };
  const { createSealer } = await import("@carapace/secrets/envelope");
  using sealer = createSealer(password);
  return { place: "password", envelope: await sealer.seal(hex) };
}

/** @returns undefined where there is no durable store, or it takes nothing: the next best place is used then */
async function storeKey({ dir, store }: KeyPlaces, hex: string): Promise<StoredKey | undefined> {
  const opened = await store();
  if (!opened.isDurable) return undefined;
  const id = randomBytes(16).toString("hex");
  noteAccounts(dir, [id]);
  try {
    await opened.set(keyAccount(id), hex);
    if ((await opened.get(keyAccount(id))) === hex) return { place: "credential-store", id };
  } catch (error) {
    await storeRefusal(error);
  }
  return undefined;
}

/** What the store said. @throws what is none of its own */
async function storeRefusal(error: unknown): Promise<Error> {
  // Loaded only now: most starts ask no store.
  const { CredentialStoreError } = await import("@carapace/secrets");
  if (error instanceof CredentialStoreError) return error;
  throw error;
}
