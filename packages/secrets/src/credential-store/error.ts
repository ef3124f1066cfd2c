/**
 * Every way a credential store can refuse or fail: this machine has none that we can use (`store_unavailable`); its
 * owner has not unlocked it; it said no; it did not answer in time; it is full; the account or the value is not one that
 * can be stored; or something else, which may pass.
 */
export type CredentialStoreFailureCode =
  | "store_unavailable"
  | "store_locked"
  | "store_denied"
  | "store_timeout"
  | "store_full"
  | "invalid_entry"
  | "store_failed";

/** A refusal or fault of a credential store. The message is one sentence for a person; it holds no secret. */
export class CredentialStoreError extends Error {
  readonly code: CredentialStoreFailureCode;

  constructor(code: CredentialStoreFailureCode, say: string, options?: { readonly cause?: unknown }) {
    super(say, options);
    this.name = "CredentialStoreError";
    this.code = code;
  }
}
