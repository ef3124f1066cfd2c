import { isRecord } from "@carapace/protocol";
import type { RawAnswer } from "./raw-http.ts";
import type { HttpScenario } from "./scenario.ts";

/** Where an answer differs from what the trace says; further JSON fields are allowed (http.md §18.2). */
export function problemsOf(
  answer: RawAnswer,
  expected: HttpScenario["response"],
  withBody: boolean,
): string[] {
  const problems: string[] = [];
  if (answer.status !== expected.status)
    problems.push(`status ${answer.status}, not ${expected.status}: ${answer.body.slice(0, 300)}`);
  for (const [name, value] of Object.entries(expected.headers)) {
    const given = answer.headers.get(name.toLowerCase());
    if (!value.split("|").some((one) => sameHeader(name, given, one)))
      problems.push(`${name} is ${given}, not ${value}`);
  }
  return withBody ? [...problems, ...bodyProblems(answer.body, expected)] : problems;
}

function sameHeader(name: string, given: string | undefined, wanted: string): boolean {
  if (given === undefined) return false;
  if (name.toLowerCase() === "content-type") return mediaType(given) === mediaType(wanted);
  return name.toLowerCase() === "allow" ? listed(given) === listed(wanted) : given === wanted;
}

function mediaType(value: string): string {
  return (value.split(";")[0] ?? "").trim().toLowerCase();
}

function listed(value: string): string {
  const names = value.split(",").map((one) => one.trim());
  return names.sort().join();
}

function bodyProblems(body: string, expected: HttpScenario["response"]): string[] {
  const { body: exact, body_pattern: pattern, body_contains: parts = [], body_schema: schema } = expected;
  const problems: string[] = [];
  if (exact !== undefined && body !== exact) problems.push(`body is ${body.slice(0, 200)}, not ${exact}`);
  if (pattern !== undefined && !new RegExp(pattern).test(body))
    problems.push(`body does not match ${pattern}`);
  for (const part of parts) if (!body.includes(part)) problems.push(`body lacks ${part}`);
  return schema === undefined ? problems : [...problems, ...fits(parsed(body), schema, "body")];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The subset of JSON Schema that the traces use. */
function fits(value: unknown, schema: unknown, at: string): string[] {
  if (!isRecord(schema)) return [];
  const { type, required, properties, items, oneOf } = schema;
  const problems: string[] = [];
  if (typeof type === "string" && !isOfType(value, type)) problems.push(`${at} is no ${type}`);
  if ("const" in schema && value !== schema["const"])
    problems.push(`${at} is ${JSON.stringify(value)}, not ${JSON.stringify(schema["const"])}`);
  const { enum: allowed, pattern, minLength } = schema;
  if (Array.isArray(allowed) && !allowed.includes(value)) problems.push(`${at} is none of ${allowed}`);
  if (typeof pattern === "string" && !new RegExp(pattern).test(String(value)))
    problems.push(`${at} does not match ${pattern}`);
  if (typeof minLength === "number" && String(value).length < minLength) problems.push(`${at} is too short`);
  for (const name of Array.isArray(required) ? required.map(String) : [])
    if (!(isRecord(value) && name in value)) problems.push(`${at}.${name} is missing`);
  for (const [name, inner] of Object.entries(isRecord(properties) ? properties : {}))
    problems.push(...fits(isRecord(value) ? value[name] : undefined, inner, `${at}.${name}`));
  if (items !== undefined && Array.isArray(value))
    problems.push(...value.flatMap((one, index) => fits(one, items, `${at}[${index}]`)));
  if (Array.isArray(oneOf) && !oneOf.some((one) => fits(value, one, at).length === 0))
    problems.push(`${at} fits none of the alternatives`);
  return problems;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
