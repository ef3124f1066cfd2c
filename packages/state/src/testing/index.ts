export type { MemoryCredentials } from "./credentials.ts";
export { memoryCredentials, noCredentials } from "./credentials.ts";
export { modelSays, ownerSays, runOf } from "./messages.ts";
export { rawDatabase } from "./raw.ts";
export type { TemporaryOptions, TemporaryState } from "./temporary.ts";
export { memoryKeyStore, temporaryState } from "./temporary.ts";
