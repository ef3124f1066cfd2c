export type { GatewayAuth } from "./auth.ts";
export { resolveGatewayAuth } from "./auth.ts";
export type { Bind, LocalAddress } from "./bind.ts";
export { localAddresses, parseBind, resolveBind } from "./bind.ts";
export { lookupKey, parseKey, valueAt } from "./key-path.ts";
export { describeIssue } from "./load/pipeline.ts";
export type { LoadConfigOptions } from "./load-config.ts";
export { errorsOf, loadConfig, warningsOf } from "./load-config.ts";
export type { Paths } from "./paths.ts";
export { configPathOf, pathsOf, stateDirOf } from "./paths.ts";

export { configJsonSchema, configReference } from "./reference.ts";
export { isAllowAll } from "./schema/allow-all.ts";
export type { Config } from "./schema/index.ts";
export type { ModelProvider, ModelRef } from "./schema/model-ref.ts";
export { modelProviders, parseModelRef } from "./schema/model-ref.ts";
export type { ReferenceRow } from "./schema/reference.ts";
export { Secret, secretOf } from "./secret.ts";
export { shownConfig, shownFile, shownKey } from "./shown.ts";
export type { ConfigStoreOptions } from "./store/store.ts";
export { openConfigStore } from "./store/store.ts";
export type {
  ConfigListener,
  ConfigSnapshot,
  ConfigStore,
  Environment,
  Issue,
  ReloadReport,
} from "./types.ts";
export type { WriteContext } from "./write/write.ts";
export {
  patchConfig,
  replaceConfig,
  setConfigValue,
  unsetConfigValue,
  validateConfig,
} from "./write/write.ts";
