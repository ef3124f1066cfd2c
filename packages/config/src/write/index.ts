/** Changing the configuration file; apart, as a gateway only loads it when somebody does. */
export { configFileHash } from "./file-hash.ts";
export type { OwnersWriteContext, OwnersWritten } from "./owners-config.ts";
export { writeOwnersConfig } from "./owners-config.ts";
export type { KeyPatchProblem, KeyPatchRefusal } from "./patch-key.ts";
export { patchConfigKey } from "./patch-key.ts";
export { isProtectedKey } from "./protected-key.ts";
export type { WriteContext } from "./write.ts";
export {
  patchConfig,
  replaceConfig,
  setConfigValue,
  unsetConfigValue,
  validateConfig,
} from "./write.ts";
