export type { ArchiveKey } from "./archive-cipher/key.ts";
export { type ArchiveHead, headBytes, type ReadHead, readHead } from "./archive-cipher/layout.ts";
export {
  type ArchiveBytes,
  ArchiveTagError,
  type OpenedArchive,
  openArchive,
} from "./archive-cipher/open.ts";
export { type ArchiveSealing, sealArchive } from "./archive-cipher/seal.ts";
export {
  CredentialStoreError,
  type CredentialStoreFailureCode,
} from "./credential-store/error.ts";
export { type CredentialIndexEntry, storedAccounts } from "./credential-store/index-file.ts";
export { type CredentialStoreWorld, openCredentialStore } from "./credential-store/open.ts";
export { envelopeKind, looksSealed } from "./envelope/kind.ts";
export { passwordKey } from "./envelope/password-key.ts";
export type { EnvelopeProblem, EnvelopeRefusal, Opened, Sealer } from "./envelope/sealer.ts";
export { createSealer } from "./envelope/sealer.ts";
export type { CredentialStore, CredentialStoreKind } from "./types.ts";
