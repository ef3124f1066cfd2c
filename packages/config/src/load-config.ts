import { ok, type Result } from "@carapace/protocol/failures";
import { lookupIn } from "./load/env-section.ts";
import { type Loaded, loadStages, refuseLoad } from "./load/pipeline.ts";
import { type Finding, placeFindings } from "./load/places.ts";
import { configPathOf } from "./paths.ts";
import { collectSecrets, createStrictRedactor } from "./redaction/index.ts";
import { redactIssue } from "./redaction/issue.ts";
import type { ConfigAccess, ConfigSnapshot, Environment, Issue } from "./types.ts";

/**
 * Reads, merges, substitutes and validates the configuration (config.md §3, §8). A missing file is `{}`.
 * @returns the snapshot with every issue found, errors among them; refused only if the file does not load at all.
 */
export async function loadConfig(access: ConfigAccess): Promise<Result<ConfigSnapshot>> {
  const path = access.path ?? configPathOf(access.env);
  const outcome = await loadStages({ ...access, path });
  if (!outcome.ok) return refuseLoad(outcome.failure, path);
  return ok(await snapshotOf(outcome.loaded, access.env));
}

/** Stage 9 and validation: what a loaded tree means. Loads the schema library. */
export async function snapshotOf(loaded: Loaded, env: Environment): Promise<ConfigSnapshot> {
  const { validate } = await import("./schema/validate.ts");
  const lookup = lookupIn(loaded.env, env);
  const { config, findings } = validate({ tree: loaded.resolved, env, lookup });
  const injected = Object.fromEntries(loaded.env.values);
  const named = collectSecrets(loaded.resolved, env, injected);
  // What somebody sealed is a secret, whatever its name.
  const sealed = loaded.opened.map((text) => text.trim()).filter((text) => text !== "");
  const secrets = [...new Set([...named, ...sealed])];
  // A sentence may quote a value, and a value may come from a variable.
  const told = firstOf([...loaded.warnings, ...findings]);
  const placed = await placeFindings(told, loaded.sources);
  const issues = withoutSecrets(placed, [...secrets, ...loaded.drawn]);
  return {
    path: loaded.path,
    exists: loaded.exists,
    hash: loaded.hash,
    parsed: loaded.parsed,
    resolved: loaded.resolved,
    shown: loaded.shown,
    secrets,
    config,
    issues,
    injected,
    lookup,
  };
}

/** As many as a person would read, errors first: placing each takes a search through the text. */
const maxFindings = 200;

function firstOf(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= maxFindings) return findings;
  const errors = findings.filter((finding) => finding.severity === "error");
  const warnings = findings.filter((finding) => finding.severity === "warning");
  const shown = [...errors, ...warnings].slice(0, maxFindings);
  const message = `and ${findings.length - maxFindings} more; mend these first`;
  return [...shown, { severity: "warning", path: [], message }];
}

function withoutSecrets(issues: readonly Issue[], known: readonly string[]): readonly Issue[] {
  if (issues.length === 0) return issues;
  const clean = createStrictRedactor(known);
  return issues.map((issue) => redactIssue(issue, clean));
}

/** The issues that forbid using a configuration. */
export function errorsOf(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => issue.severity === "error");
}

/** The issues worth a line in the log. */
export function warningsOf(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => issue.severity === "warning");
}
