import { capLines, isSecretName, redacted } from "@carapace/config/redaction";

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

/** @param redact takes secrets out of one text (`createRedactor`). */
export function createFieldRedactor(redact: (text: string) => string): FieldRedactor {
  const text = (raw: string) => capLines(redact(raw));
  const field = (name: string, value: unknown, depth: number): [string, unknown] => [
    plainName.test(name) ? name : text(name),
    isSecretName(name) ? redacted : shown(value, depth),
  ];
  function shown(value: unknown, depth: number): unknown {
    if (typeof value === "string") return text(value);
    if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
    if (value instanceof Error) return text(value.message);
    if (typeof value !== "object") return value === undefined ? undefined : text(String(value));
    if (depth >= maxDepth) return "[…]";
    if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => shown(item, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => field(key, inner, depth + 1)));
  }
  return { text, field: (name, value) => field(name, value, 0) };
}
