export { envelopeKind, looksSealed } from "./envelope/kind.ts";
export { passwordKey } from "./envelope/password-key.ts";
export type { EnvelopeProblem, EnvelopeRefusal, Opened, Sealer } from "./envelope/sealer.ts";
export { createSealer } from "./envelope/sealer.ts";
export type { CredentialStore, CredentialStoreKind } from "./types.ts";
