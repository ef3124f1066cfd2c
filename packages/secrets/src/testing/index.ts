export { type MemoryStore, memoryStore } from "./memory-store.ts";
export {
  missingForSecretService,
  startSecretService,
  type TestSecretService,
} from "./secret-service.ts";
