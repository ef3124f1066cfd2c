export { resolveGatewayAuth } from "./auth.ts";
export { backupPassphrase } from "./backup-passphrase.ts";
export { localAddresses, parseBind, resolveBind } from "./bind.ts";
export { type BotAccount, botAccount, botVendors } from "./bot-account.ts";
export { type ConfigFiles, configFiles } from "./config-files.ts";
export { type GatewayVariables, gatewayVariables } from "./gateway-variables.ts";
export { isIp } from "./is-ip.ts";
export { lookupKey, parseKey } from "./key-path.ts";
export { describeIssue } from "./load/pipeline.ts";
export { errorsOf, loadConfig, warningsOf } from "./load-config.ts";
export { configPathOf, referenceMemoryDirOf, stateDirOf } from "./paths.ts";

export { configJsonSchema, configReference } from "./reference.ts";
export { isAllowAll } from "./schema/allow-all.ts";
export { type HookPresetName, hookPresetNames } from "./schema/hook-presets.ts";
export type { HookMappingConfig } from "./schema/hooks.ts";
export type { Config } from "./schema/index.ts";
export type { ModelProvider } from "./schema/model-ref.ts";
export { parseModelRef } from "./schema/model-ref.ts";
export { matrixFaults } from "./schema/rules/matrix-values.ts";
export { configPassword } from "./seal/password.ts";
export { Secret, secretOf } from "./secret.ts";
export { serverSecret } from "./server-secret.ts";
export { shownConfig, shownFile, shownKey } from "./shown.ts";
export { openConfigStore } from "./store/store.ts";
export type {
  ConfigAccess,
  ConfigSnapshot,
  ConfigStore,
  Environment,
  Issue,
  ReloadReport,
} from "./types.ts";
