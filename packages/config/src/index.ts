export type { Bind, LocalAddress } from "./bind.ts";
export { localAddresses, parseBind, resolveBind } from "./bind.ts";
export { describeIssue } from "./load/pipeline.ts";
export type { LoadConfigOptions } from "./load-config.ts";
export { errorsOf, loadConfig, warningsOf } from "./load-config.ts";
export type { Paths } from "./paths.ts";
export { configPathOf, pathsOf, stateDirOf } from "./paths.ts";
export type { RedactionShape } from "./redact.ts";
export { isSecretName, redact, redactNamed } from "./redact.ts";
export type { Config } from "./schema/index.ts";
export type { ModelProvider, ModelRef } from "./schema/model-ref.ts";
export { modelProviders, parseModelRef } from "./schema/model-ref.ts";
export { Secret, secretOf } from "./secret.ts";
export type {
  ConfigListener,
  ConfigSnapshot,
  ConfigStore,
  Environment,
  Issue,
  ReloadReport,
} from "./types.ts";
