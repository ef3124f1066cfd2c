import { isSecretName } from "@carapace/config";
import { dropInvisible } from "./clean.ts";

const maxLineBytes = 8192;
const shortestKnownSecret = 8;

/** Shapes of secrets, in the order of state.md §10, then those of vendors we know. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bsk-[A-Za-z0-9_-]{20,}/g, "[REDACTED]"],
  [/\bBearer\s+[^\s"',;]+/gi, "Bearer [REDACTED]"],
  [/\bBasic\s+[A-Za-z0-9+/=_-]{8,}/gi, "Basic [REDACTED]"],
  [/(key|token|secret)=[A-Za-z0-9._~+/=-]{32,}/gi, "$1=[REDACTED]"],
  [/\b(?:[1-9A-HJ-NP-Za-km-z]{4}\s){11}[1-9A-HJ-NP-Za-km-z]{3,4}\b/g, "[REDACTED]"],
  [/https?:\/\/[^\s"'<>]*\/_matrix\/[^\s"'<>]*/gi, "[REDACTED-MATRIX-URL]"],
  [/\bxox[abeprs]-[A-Za-z0-9-]{10,}/g, "[REDACTED]"],
  [/\bgh[opsur]_[A-Za-z0-9]{20,}/g, "[REDACTED]"],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, "[REDACTED]"],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, "[REDACTED]"],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, "[REDACTED]"],
  [/\b\d{8,10}:[A-Za-z0-9_-]{35}\b/g, "[REDACTED]"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[REDACTED]"],
  [/(:\/\/)[^\s/@"']+@/g, "$1[REDACTED]@"],
];

/**
 * Text as it may be logged (state.md §10): invisible characters and secrets gone, over-long lines replaced.
 * @param known Secrets of this process, masked wherever they occur; those under 8 characters are left alone.
 */
export function redactText(text: string, known: readonly string[] = []): string {
  let clean = dropInvisible(text)
    .split("\n")
    .map((line) => (Buffer.byteLength(line) > maxLineBytes ? "[REDACTED_LOG_LINE_TOO_LONG]" : line))
    .join("\n");
  for (const secret of known) {
    if (secret.length >= shortestKnownSecret) clean = clean.replaceAll(secret, "[REDACTED]");
  }
  for (const [shape, replacement] of shapes) clean = clean.replace(shape, replacement);
  return clean;
}

/** A field of a log entry as it may be kept: secrets gone by name and by shape, no deeper than four levels. */
export function redactField(name: string, value: unknown, known: readonly string[], depth = 0): unknown {
  if (isSecretName(name) || name.toLowerCase() === "authorization") return "[REDACTED]";
  if (typeof value === "string") return redactText(value, known);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (value instanceof Error) return redactText(value.message, known);
  if (typeof value !== "object") return value === undefined ? undefined : redactText(String(value), known);
  if (depth >= 4) return "[…]";
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redactField("", item, known, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, redactField(key, inner, known, depth + 1)]),
  );
}
