import { type CredentialStore, CredentialStoreError } from "@carapace/secrets";

/** A credential store in memory; what it holds and how it fails is the test's. */
export interface MemoryCredentials extends CredentialStore {
  readonly held: Map<string, string>;
  /** From now on every call fails as a locked store does; undefined: it answers again. */
  fault: "locked" | undefined;
}

export function memoryCredentials(facts: Partial<Pick<CredentialStore, "kind" | "isDurable" | "why">> = {}) {
  const held = new Map<string, string>();
  const answer = <T>(work: () => T): T => {
    if (store.fault === undefined) return work();
    throw new CredentialStoreError("store_locked", "The Secret Service is locked: unlock it and try again.");
  };
  const store: MemoryCredentials = {
    kind: "secret-service",
    isDurable: true,
    ...facts,
    held,
    fault: undefined,
    get: async (account) => answer(() => held.get(account)),
    set: async (account, value) => answer(() => void held.set(account, value)),
    delete: async (account) => answer(() => held.delete(account)),
  };
  return store;
}

/** What a machine without a credential store has. */
export function noCredentials(): CredentialStore {
  const why = "there is no Secret Service";
  return {
    kind: "none",
    isDurable: false,
    why,
    get: async () => undefined,
    set: async () => {
      throw new CredentialStoreError("store_unavailable", "There is no credential store.");
    },
    delete: async () => false,
  };
}
