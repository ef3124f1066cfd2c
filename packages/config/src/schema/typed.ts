import type { JsonObject } from "@carapace/protocol";
import type { z } from "zod";
import type { Finding } from "../load/places.ts";
import { type Config, ConfigSchema } from "./index.ts";
import { startMending } from "./mend.ts";
import { follow } from "./shape.ts";

/** A configuration over its defaults, and what was wrong with it. */
export interface Typed {
  readonly config: Config;
  readonly findings: readonly Finding[];
}

/**
 * Reads a tree over the defaults. A wrong value never ends it: it is reported, and its default (or the safer stand-in
 * the schema names) takes its place (config.md §7).
 */
export function typeConfig(resolved: JsonObject): Typed {
  const first = parse(resolved);
  if (first.success) return { config: first.data, findings: [] };
  const tree: unknown = structuredClone(resolved);
  const findings: Finding[] = [];
  let parsed: z.ZodSafeParseResult<Config> = first;
  // Each round mends what the round before reported; a wrong container hides what stands below it.
  for (let round = 0; round < maxRounds && !parsed.success; round++) {
    const mend = startMending(tree);
    for (const issue of parsed.error.issues) {
      const path = stepsOf(issue.path);
      findings.push(findingOf(issue, path));
      const { fallback } = follow(ConfigSchema, path);
      if (fallback) mend.put(path.slice(0, fallback.depth), fallback.value);
      else mend.remove(path);
    }
    mend.done();
    parsed = parse(tree);
  }
  return { config: parsed.success ? parsed.data : ConfigSchema.parse({}, { jitless: true }), findings };
}

/** Without compiling the schema first: that pays off for many readings, and there are few. */
function parse(tree: unknown) {
  return ConfigSchema.safeParse(tree, { jitless: true });
}

/** More than the schema is deep. */
const maxRounds = 32;

function stepsOf(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === "symbol" ? String(step) : step));
}

function findingOf(issue: z.core.$ZodIssue, path: readonly (string | number)[]): Finding {
  const { facts } = follow(ConfigSchema, path);
  const told = issue.code === "custom" ? issue.params?.["severity"] : undefined;
  const severity = told === "error" || facts.wrong === "error" ? "error" : "warning";
  return { severity, path, message: messageOf(issue, facts.expected, severity) };
}

function messageOf(issue: z.core.$ZodIssue, expected: string | undefined, severity: string): string {
  const wrong =
    ownWords(issue) ?? `must be ${expected ?? kindWords[expectedKind(issue)] ?? "of another kind"}`;
  return severity === "error" ? wrong : `${wrong}; it is ignored`;
}

const kindWords: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Sentences our own rules wrote; the library's are not for people. */
function ownWords(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === "custom") return issue.message;
  if (issue.code === "invalid_key") return issue.issues[0]?.message;
  return issue.code === "invalid_format" && !issue.message.startsWith("Invalid") ? issue.message : undefined;
}

function expectedKind(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_type" ? issue.expected : issue.code;
}
