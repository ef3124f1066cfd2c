import { isRecord } from "@carapace/protocol";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What a `{{placeholder}}` in an expected frame stands for (websocket.md §16.1). */
function matchesPlaceholder(name: string, actual: unknown): boolean {
  if (name.startsWith("optional")) return actual === undefined || typeof actual !== "function";
  if (/list|full_gateway/.test(name)) return isNonEmptyTextList(actual);
  if (/uuid|nonce/.test(name)) return typeof actual === "string" && uuid.test(actual);
  if (/timestamp|uptime|_ms$/.test(name)) return Number.isInteger(actual);
  return typeof actual === "string" && actual.length > 0;
}

function isNonEmptyTextList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}

/**
 * Partial match: everything expected must be there, extra keys are fine; empty lists, empty objects and state versions
 * match by type (websocket.md §16.2).
 * @returns the differences, as `path: sentence`; none if it matches.
 */
export function differences(expected: unknown, actual: unknown, path = "$"): string[] {
  if (typeof expected === "string") {
    const placeholder = /^\{\{(.+)\}\}$/.exec(expected)?.[1];
    if (placeholder !== undefined)
      return matchesPlaceholder(placeholder, actual) ? [] : [`${path}: ${show(actual)} is no ${placeholder}`];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: expected a list, got ${show(actual)}`];
    const only = expected.length === 1 ? expected[0] : undefined;
    if (typeof only === "string" && only.startsWith("{{")) return differences(only, actual, path);
    return expected.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`));
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return [`${path}: expected an object, got ${show(actual)}`];
    if (path.endsWith(".stateVersion"))
      return Number.isInteger(actual["presence"]) && Number.isInteger(actual["health"])
        ? []
        : [`${path}: no counters`];
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(value, actual[key], `${path}.${key}`),
    );
  }
  return Object.is(expected, actual) ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Checks a value against the JSON Schema subset the golden files use: type, required, properties, items, enum, const. */
export function violations(schema: unknown, value: unknown, path = "$"): string[] {
  if (!isRecord(schema)) return [];
  const found: string[] = [];
  const type = schema["type"];
  if (typeof type === "string" && !hasType(type, value)) return [`${path}: ${show(value)} is no ${type}`];
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value))
    found.push(`${path}: ${show(value)} is not allowed`);
  if ("const" in schema && schema["const"] !== value)
    found.push(`${path}: ${show(value)} is not ${show(schema["const"])}`);
  if (isRecord(value)) {
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    for (const key of required) if (!(String(key) in value)) found.push(`${path}.${String(key)}: missing`);
    const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
    for (const [key, inner] of Object.entries(properties)) {
      if (value[key] !== undefined && value[key] !== null)
        found.push(...violations(inner, value[key], `${path}.${key}`));
    }
  }
  if (Array.isArray(value))
    found.push(...value.flatMap((item, index) => violations(schema["items"], item, `${path}[${index}]`)));
  return found;
}

function hasType(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  return typeof value === type;
}
