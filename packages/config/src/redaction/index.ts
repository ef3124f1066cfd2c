export { collectSecrets } from "./known.ts";
export type { RedactionShape } from "./names.ts";
export { isPublicName, isSecretName, isSecretVariable, redact, redactNamed } from "./names.ts";
export { createSeriesRedactor } from "./series.ts";
export { redacted } from "./span.ts";
export { spellingsOf } from "./spellings.ts";
export { capLines, createRedactor, createStrictRedactor, redactText } from "./text.ts";
export { redactTree } from "./tree.ts";
export { stripUnsafe } from "./unsafe.ts";
