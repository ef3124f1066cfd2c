import { isRecord } from "./record.ts";
import { Secret } from "./secret.ts";

/** `api` (also `config get`): counts stay, numbers become null. `show`: every matching key is replaced whole (cli.md §3.2). */
export type RedactionShape = "api" | "show";

const marked = "[REDACTED]";
const always = ["apikey", "api_key", "accesskeyid", "access_key_id", "token", "secret", "password", "passwd"];
const secretParts = [...always, "passphrase", "recovery", "credential"];
const tokenCount = /^((max|input|output|total|context)_?tokens?|token_?counts?|token_?(limit|budget)s?)$/;

/** Whether a key of this name holds a secret (config.md §11.5): a case-insensitive part of it says so. */
export function isSecretName(name: string, shape: RedactionShape = "api"): boolean {
  const lower = name.toLowerCase();
  if (shape === "api" && tokenCount.test(lower)) return false;
  return secretParts.some((part) => lower.includes(part));
}

/** A copy without secrets, judged by key names at every level (config.md §11.5); a `Secret` is always replaced. */
export function redact(value: unknown, shape: RedactionShape = "api"): unknown {
  if (value instanceof Secret) return marked;
  if (Array.isArray(value)) return value.map((item) => redact(item, shape));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redactNamed(name, inner, shape)]),
  );
}

/** The value of one key, redacted by the key's own name. */
export function redactNamed(name: string, value: unknown, shape: RedactionShape = "api"): unknown {
  if (!isSecretName(name, shape)) return redact(value, shape);
  if (shape === "show") return marked;
  if (value === null || typeof value === "number" || typeof value === "boolean") return null;
  return value === undefined ? undefined : marked;
}
