/** What a record's data may hold. */
export type AuditJson = null | boolean | number | string | readonly AuditJson[] | AuditFields;
export interface AuditFields {
  readonly [name: string]: AuditJson;
}

/**
 * The one text that stands for a value: names sorted, no blanks, everything but printable ASCII as `\uXXXX`. It is what
 * Python's `json.dumps(value, sort_keys=True, separators=(",", ":"))` writes, so that a chain can be checked anywhere.
 * Numbers must be whole and safe, or have three decimals at most: other programs write others differently.
 * @throws RangeError for another number
 */
export function canonicalJson(value: AuditJson): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${quoted(name)}:${canonicalJson(value[name] ?? null)}`).join(",")}}`;
}

/** The nearest number that canonical text can hold. */
export function canonicalNumber(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const bounded = Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, value));
  if (Number.isInteger(bounded) || Math.abs(bounded) > 1e9) return Math.trunc(bounded) + 0;
  return Math.round(bounded * 1000) / 1000 + 0;
}

function numberText(value: number): string {
  if (value !== canonicalNumber(value)) throw new RangeError("a number that has no canonical text");
  return String(value + 0);
}

const unprintable = /[^ -~]/;
const everyUnprintable = /[^ -~]/g;

function quoted(text: string): string {
  const json = JSON.stringify(text);
  return unprintable.test(json)
    ? json.replace(everyUnprintable, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : json;
}

function isList(value: readonly AuditJson[] | AuditFields): value is readonly AuditJson[] {
  return Array.isArray(value);
}
