import { z } from "zod";

/** What is wrong with a request first, with its place: `policy.maxTurns: Too big`. Pure. */
export function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return "it does not fit";
  const path = z.core.toDotPath(issue.path);
  const say = sentence(issue);
  return path === "" ? say : `${path}: ${say}`;
}

const kinds: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a text",
};

/** The library's sentence, unless it speaks of types. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return issue.message;
  const kind = kinds[issue.expected] ?? issue.expected;
  return issue.message.endsWith("received undefined") ? `it is missing; give ${kind}` : `it must be ${kind}`;
}
