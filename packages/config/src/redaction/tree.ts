import { isRecord } from "../record.ts";
import { type RedactionShape, redact } from "./names.ts";
import { createRedactor } from "./text.ts";

/**
 * {@link redact}, and every text that is left without the known secrets too: one may stand under a harmless name.
 * @param known see `redactText`
 */
export function redactTree(value: unknown, known: readonly string[], shape: RedactionShape = "api"): unknown {
  return withTexts(redact(value, shape), createRedactor(known));
}

function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withTexts(inner, change)]));
}
