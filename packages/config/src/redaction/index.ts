export { collectSecrets } from "./known.ts";
export type { RedactionShape } from "./names.ts";
export { isSecretName, isSecretVariable, redact, redactNamed } from "./names.ts";
export { redacted } from "./span.ts";
export { capLines, createRedactor, redactText } from "./text.ts";
export { redactTree } from "./tree.ts";
export { stripUnsafe } from "./unsafe.ts";
