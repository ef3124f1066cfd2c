/** What stands behind a credential store. `none`: this machine has none that we can use. */
export type CredentialStoreKind =
  | "keychain"
  | "secret-service"
  | "credential-manager"
  | "kernel-keyring"
  | "none";

/**
 * The system's store of small secrets (state.md §11.2): service `carapace`, account `kind:agentId:id`, at most 64 bytes;
 * value at most 65,536 bytes. Never throws anything but a `CredentialStoreError`, whose sentence holds no secret.
 */
export interface CredentialStore {
  readonly kind: CredentialStoreKind;
  /** Whether what it keeps survives a restart of the machine; the kernel's keyring does not. */
  readonly isDurable: boolean;
  /** Why there is none, or why it is not durable, in words for a person. */
  readonly why?: string;
  /** Its owner turned it off: whoever keeps a secret elsewhere instead need not warn. */
  readonly isTurnedOff?: true;
  /** @returns undefined if it holds nothing there; `none` always answers so. */
  get(account: string): Promise<string | undefined>;
  /** Durable (as far as the store is) before it returns. @throws with code `store_unavailable` when there is none. */
  set(account: string, value: string): Promise<void>;
  /** @returns whether it was there. */
  delete(account: string): Promise<boolean>;
}

/** What a store does, without what it says of itself. */
export type StoreCalls = Pick<CredentialStore, "get" | "set" | "delete">;
