/** Every way a credential store can refuse or fail, by its stable code, and whether trying again later can help. */
export const credentialStoreFailures = {
  /** This machine has none that we can use, or it was turned off. */
  store_unavailable: { retry: false },
  /** It is there, but its owner has not unlocked it. */
  store_locked: { retry: true },
  /** It is there and said no. */
  store_denied: { retry: false },
  /** It did not answer in time. */
  store_timeout: { retry: true },
  store_full: { retry: false },
  /** The account or the value is not one that can be stored. */
  invalid_entry: { retry: false },
  store_failed: { retry: true },
} as const satisfies Record<string, { readonly retry: boolean }>;

export type CredentialStoreFailureCode = keyof typeof credentialStoreFailures;

/** A refusal or fault of a credential store. The message is one sentence for a person; it holds no secret. */
export class CredentialStoreError extends Error {
  readonly code: CredentialStoreFailureCode;

  constructor(code: CredentialStoreFailureCode, say: string, options?: { readonly cause?: unknown }) {
    super(say, options);
    this.name = "CredentialStoreError";
    this.code = code;
  }
}
