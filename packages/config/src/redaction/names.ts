import { isRecord } from "../record.ts";
import { Secret } from "../secret.ts";
import { redacted } from "./span.ts";

/**
 * `api` (also `config get`): numbers and switches under a secret's name become null. `show`: they are replaced like the
 * rest (cli.md §3.2).
 */
export type RedactionShape = "api" | "show";

const always = ["apikey", "accesskeyid", "token", "secret", "password", "passwd"];
const secretParts = [
  ...always,
  ...["passphrase", "recovery", "credential"],
  // Not of the list: what nobody would call harmless either.
  ...["authorization", "privatekey", "accesskey", "signingkey", "encryptionkey", "masterkey"],
  ...["passcode", "connectionstring", "cookie"],
];
/** The exemptions of config.md §11.5: what is counted or timed in a name like these is no secret. */
const harmless: readonly RegExp[] = [
  /^(max|input|output|total|context)+tokens?$/,
  /^tokens?counts?$/,
  /^tokens?(limit|budget)s?$/,
  // Only in the plural: a `readToken` may well be one.
  /^(max|input|output|total|context|cached?|read|write|creation|reasoning|thinking|prompt|completion)+tokens$/,
  /tokens?(timeout|ttl)(ms|seconds|secs)?$/,
];

/** Whether a key of this name holds a secret (config.md §11.5): a part of it says so, however it is spelt. */
export function isSecretName(name: string): boolean {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (!secretParts.some((part) => letters.includes(part))) return false;
  return !harmless.some((pattern) => pattern.test(letters));
}

/** Headers that every request may have. */
const harmlessHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "content-type",
  "user-agent",
]);

/** Whether what stands under a name holds a secret: by the name, or as a header, which may be called anything. */
export function isSecretIn(parent: string | undefined, name: string): boolean {
  return isSecretName(name) || (parent === "headers" && !harmlessHeaders.has(name.toLowerCase()));
}

/** Whether what stands under this name is random and public: keys to verify with, digests, certificates. */
export function isPublicName(name: string): boolean {
  return /(public|verif\w*|trusted|known)[_-]?keys?$|fingerprint|digest|checksum|hash$|sha(1|256|512)$|etag$/i.test(
    name,
  );
}

/** Whether an environment variable of this name holds a secret: keys of vendors too (`AWS_ACCESS_KEY_ID`, `MYSQL_PWD`). */
export function isSecretVariable(name: string): boolean {
  return isSecretName(name) || /_(KEY(_ID)?|PWD|PASS|PAT|DSN)$/i.test(name);
}

/** A copy without secrets, judged by key names at every level (config.md §11.5); a `Secret` is always replaced. */
export function redact(value: unknown, shape: RedactionShape = "api"): unknown {
  return redactIn(value, { shape });
}

/** The value of one key, redacted by the key's own name. */
export function redactNamed(name: string, value: unknown, shape: RedactionShape = "api"): unknown {
  return redactKey(value, { name, shape });
}

interface Under {
  readonly shape: RedactionShape;
  /** The name that it all stands under. */
  readonly parent?: string;
}

function redactIn(value: unknown, { shape, parent }: Under): unknown {
  if (value instanceof Secret) return redacted;
  if (Array.isArray(value)) return value.map((item) => redactIn(item, { shape }));
  if (!isRecord(value)) return value;
  const under = { shape, ...(parent === undefined ? {} : { parent }) };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redactKey(inner, { ...under, name })]),
  );
}

function redactKey(value: unknown, { name, shape, parent }: Under & { readonly name: string }): unknown {
  if (!isSecretIn(parent, name)) return redactIn(value, { shape, parent: name });
  if (shape === "show") return redacted;
  if (value === null || typeof value === "number" || typeof value === "boolean") return null;
  return value === undefined ? undefined : redacted;
}
