import type { Json } from "@carapace/protocol";

/** `${NAME}`, or `$${NAME}` for the text itself (config.md §6). */
const token = /\$?\$\{([A-Z_][A-Z0-9_]*)\}/g;

/** All texts of one load after substitution, together: a short file must not fill the memory. */
export const maxCharacters = 16 * 1024 * 1024;

/** What a name stands for: a text, `locked` for a sealed value nobody could open, undefined if it is not set. */
export type VariableLookup = (name: string) => string | { readonly locked: true } | undefined;

/** Why a text cannot be substituted. */
interface SubstitutionFault {
  readonly kind: "missing" | "too_large";
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** What to tell of a fault, and what kind of load failure it is. */
export function describeFault({ kind, name }: Pick<SubstitutionFault, "kind" | "name">): {
  readonly kind: "MissingEnvVar" | "ValidationError";
  readonly say: string;
} {
  if (kind === "too_large")
    return { kind: "ValidationError", say: `the texts become larger than 16 MiB through ${name}` };
  const say = `the variable ${name} is not set; set it, or write $\${${name}} for the text itself`;
  return { kind: "MissingEnvVar", say };
}

/** The names a text refers to. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(token)].filter(([all]) => !all.startsWith("$$")).map(([, name = ""]) => name);
}

/** One substitution over a tree; counts what it makes. */
export interface Substitution {
  readonly lookup: VariableLookup;
  readonly faults: SubstitutionFault[];
  /** Paths of texts that became null because a locked value stands in them. */
  readonly locked: (readonly (string | number)[])[];
  budget: number;
}

export function startSubstitution(lookup: VariableLookup, budget = maxCharacters): Substitution {
  return { lookup, faults: [], locked: [], budget };
}

/** A text with its placeholders replaced; null if a locked value stands in it, or after a fault. */
export function substituteText(
  text: string,
  path: readonly (string | number)[],
  work: Substitution,
): string | null {
  if (!text.includes("${")) return text;
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(token)) {
    const [all, name = ""] = match;
    parts.push(text.slice(from, match.index));
    from = match.index + all.length;
    if (all.startsWith("$$")) {
      parts.push(all.slice(1));
      continue;
    }
    const value = work.lookup(name);
    if (value === undefined) return fault({ kind: "missing", name, path }, work);
    if (typeof value !== "string") {
      work.locked.push(path);
      return null;
    }
    work.budget -= value.length;
    if (work.budget < 0) return fault({ kind: "too_large", name, path }, work);
    parts.push(value);
  }
  return parts.join("") + text.slice(from);
}

function fault(what: SubstitutionFault, work: Substitution): null {
  work.faults.push(what);
  return null;
}

/** A copy of the tree with the placeholders of every string value replaced; keys stay. */
export function substituteTree(tree: Json, path: readonly (string | number)[], work: Substitution): Json {
  if (typeof tree === "string") return substituteText(tree, path, work);
  if (Array.isArray(tree)) return tree.map((item, index) => substituteTree(item, [...path, index], work));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => [name, substituteTree(value, [...path, name], work)]),
  );
}
