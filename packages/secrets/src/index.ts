export type { CredentialStore, CredentialStoreKind } from "./types.ts";
