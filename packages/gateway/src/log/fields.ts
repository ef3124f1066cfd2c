import {
  capLines,
  createRedactor,
  createStrictRedactor,
  isPublicName,
  isSecretName,
  redacted,
} from "@carapace/config/redaction";

const maxDepth = 4;
const maxItems = 100;
/** Our own fields are called like this; a name of any other shape may come from outside and is redacted too. */
const plainName = /^[a-z]{1,16}$/i;

/** Makes what is logged safe to keep: secrets gone by name, by shape and by value, hostile characters gone. */
export interface FieldRedactor {
  text(text: string): string;
  /** A field of an entry, name and value; lists are cut at 100 items, and nothing is deeper than four levels. */
  field(name: string, value: unknown): [name: string, value: unknown];
}

/** @param secrets what this process knows to be secret, whatever it looks like */
export function createFieldRedactor(secrets: readonly string[]): FieldRedactor {
  const redact = createStrictRedactor(secrets);
  const text = (raw: string) => capLines(redact(raw));
  const redactPublic = createRedactor(secrets);
  const publicText = (raw: string) => capLines(redactPublic(raw));
  const field = (name: string, value: unknown, depth: number): [string, unknown] => [
    plainName.test(name) ? name : text(name),
    isSecretName(name) ? redacted : shown(value, depth, isPublicName(name) ? publicText : text),
  ];
  function shown(value: unknown, depth: number, clean: (raw: string) => string): unknown {
    if (typeof value === "string") return clean(value);
    if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
    if (value instanceof Error) return clean(value.message);
    if (typeof value !== "object") return value === undefined ? undefined : clean(String(value));
    if (depth >= maxDepth) return "[…]";
    if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => shown(item, depth + 1, clean));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => field(key, inner, depth + 1)));
  }
  return { text, field: (name, value) => field(name, value, 0) };
}
