import type { Json, JsonObject } from "@carapace/protocol";
import type { Environment } from "../types.ts";
import { isJsonObject } from "./merge.ts";
import {
  describeFault,
  maxCharacters,
  placeholders,
  startSubstitution,
  substituteText,
  type VariableLookup,
} from "./substitute.ts";

/** Variables that steer the loader itself: an `env` section must not set them (config.md §5). */
export const loaderVariables = [
  "CARAPACE_CONFIG_PATH",
  "CARAPACE_STATE_DIR",
  "CARAPACE_DISABLE_CONFIG_CACHE",
  "CARAPACE_CONFIG_CACHE_MS",
  "CARAPACE_CONFIG_PASSWORD",
  "CARAPACE_CONFIG_PASSWORD_FILE",
  "CARAPACE_CONFIG_PASSWORD_FD",
] as const;

/** Longest chain of variables that refer to each other. */
const maxReferences = 64;

type Step = string | number;

/** Something of the section that is wrong; `fatal` ends the load. */
interface EnvFault {
  readonly fatal?: "ValidationError" | "MissingEnvVar";
  readonly path: readonly Step[];
  readonly say: string;
}

/** The variables of the `env` section. */
export interface EnvSection {
  readonly values: ReadonlyMap<string, string>;
  /** Names whose value is sealed and could not be opened, or refers to such a one. */
  readonly locked: ReadonlySet<string>;
  readonly faults: readonly EnvFault[];
}

interface Entry {
  readonly text: string | null;
  readonly path: readonly Step[];
  /** It was sealed: what was inside is the value, whatever it looks like. */
  readonly isLiteral: boolean;
}

/** Paths, joined with NUL, of the section's sealed values: those that could not be opened, and those that were. */
export interface SealedEntries {
  readonly locked: ReadonlySet<string>;
  readonly opened: ReadonlySet<string>;
}

/**
 * Collects `env.vars.<NAME>` and `env.<NAME>`, the latter winning (config.md §5). Values may refer to each other and
 * to the process's own variables; nothing is written to the process environment.
 * @param section with sealed values opened, or null where they could not be
 */
export function readEnvSection(
  section: Json | undefined,
  sealed: SealedEntries,
  env: Environment,
): EnvSection {
  const faults: EnvFault[] = [];
  const entries = new Map<string, Entry>();
  if (isJsonObject(section)) {
    if (isJsonObject(section["vars"])) collect(section["vars"], ["env", "vars"], { entries, faults, sealed });
    const { vars: _vars, shellEnv: _shellEnv, ...direct } = section;
    collect(direct, ["env"], { entries, faults, sealed });
  }
  return resolveEntries(entries, faults, env);
}

interface Collecting {
  readonly entries: Map<string, Entry>;
  readonly faults: EnvFault[];
  readonly sealed: SealedEntries;
}

function collect(fields: JsonObject, base: readonly Step[], into: Collecting): void {
  for (const [name, value] of Object.entries(fields)) {
    const path = [...base, name];
    const fault = faultOf({ name, value, path }, into.sealed.locked);
    if (fault) into.faults.push(fault);
    else if (typeof value === "string" || value === null) {
      into.entries.set(name, { text: value, path, isLiteral: into.sealed.opened.has(path.join("\0")) });
    }
  }
}

interface Written {
  readonly name: string;
  readonly value: Json;
  readonly path: readonly Step[];
}

function faultOf({ name, value, path }: Written, locked: ReadonlySet<string>): EnvFault | undefined {
  if (loaderVariables.some((forbidden) => forbidden === name.toUpperCase())) {
    const say = `${name} must not be set in the env section: it steers how the file is found and opened; set it in the process environment`;
    return { fatal: "ValidationError", path, say };
  }
  if (typeof value !== "string" && !locked.has(path.join("\0"))) {
    return { path, say: `${name} must be a text; it is ignored` };
  }
  if (name === "" || name.includes("=") || name.includes("\0")) {
    return { path, say: "a variable's name must not be empty or hold = or NUL; it is ignored" };
  }
  if (typeof value === "string" && value.includes("\0")) {
    return { fatal: "ValidationError", path, say: `${name} holds a NUL character; remove it` };
  }
  return undefined;
}

function resolveEntries(entries: Map<string, Entry>, faults: EnvFault[], env: Environment): EnvSection {
  const values = new Map<string, string>();
  const locked = new Set<string>();
  const work: Resolving = { entries, values, locked, env, budget: maxCharacters };
  for (const name of entries.keys()) {
    const fault = resolveOne(name, [], work);
    // One is enough to refuse the file; the others would each be looked for down the whole chain.
    if (fault) return { values, locked, faults: [...faults, fault] };
  }
  return { values, locked, faults };
}

interface Resolving {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly values: Map<string, string>;
  readonly locked: Set<string>;
  readonly env: Environment;
  /** Characters all values together may still gain. */
  budget: number;
}

function resolveOne(name: string, chain: readonly string[], work: Resolving): EnvFault | undefined {
  const entry = work.entries.get(name);
  if (!entry || work.values.has(name) || work.locked.has(name)) return undefined;
  const { text, path, isLiteral } = entry;
  if (chain.includes(name)) return loop([...chain, name]);
  if (chain.length >= maxReferences) {
    return {
      fatal: "ValidationError",
      path: ["env"],
      say: `variables refer to each other more than ${maxReferences} times in a row`,
    };
  }
  if (text === null) {
    work.locked.add(name);
    return undefined;
  }
  if (isLiteral) {
    work.values.set(name, text);
    return undefined;
  }
  for (const other of placeholders(text)) {
    // A variable that names itself means the process's own, as in PATH: "${PATH}:/opt/bin".
    const fault = other === name ? undefined : resolveOne(other, [...chain, name], work);
    if (fault) return fault;
  }
  const others = variablesOf(work, work.env);
  const lookup: VariableLookup = (wanted) => (wanted === name ? work.env[wanted] : others(wanted));
  const substitution = startSubstitution(lookup, work.budget);
  const value = substituteText(text, path, substitution);
  work.budget = substitution.budget;
  const [fault] = substitution.faults;
  if (fault) {
    const { kind, say } = describeFault(fault);
    return { fatal: kind, path, say };
  }
  if (value === null) work.locked.add(name);
  else work.values.set(name, value);
  return undefined;
}

type Variables = Pick<EnvSection, "values" | "locked">;

/** A variable for a placeholder: of the `env` section first, then the process's own. */
export function variablesOf({ values, locked }: Variables, env: Environment): VariableLookup {
  return (name) => (locked.has(name) ? { locked: true } : (values.get(name) ?? env[name]));
}

/** A variable for whoever needs its text; a locked one counts as not set. */
export function lookupIn(section: Variables, env: Environment): (name: string) => string | undefined {
  const variable = variablesOf(section, env);
  return (name) => {
    const value = variable(name);
    return typeof value === "string" ? value : undefined;
  };
}

function loop(names: readonly string[]): EnvFault {
  return {
    fatal: "ValidationError",
    path: ["env"],
    say: `variables refer to each other in a circle: ${names.join(" -> ")}`,
  };
}
