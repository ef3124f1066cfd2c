export { askStore } from "./ask-store.ts";
export { deviceIdentityAccount } from "./entry.ts";
export { CredentialStoreError, type CredentialStoreFailureCode } from "./error.ts";
export { type CredentialStoreWorld, openCredentialStore } from "./open.ts";
