import { stripUnsafe } from "@carapace/config/redaction";
import { looksSealed } from "@carapace/secrets/envelope-kind";
import { isTreeObject, type Tree, valueAt } from "../read/tree.ts";

/** A value of a source as plain text, or why it has none for us. */
export type Literal =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "left"; readonly reason: string };

/** How a source writes that a value stands in a variable. */
export interface Dialect {
  /** Global; group 1 is the variable's name. */
  readonly reference?: RegExp;
  /** True for a text that is a variable's name by itself. */
  isVariableName?(text: string): boolean;
  /** A value that stands in a file of its own. */
  readonly fileReference?: RegExp;
}

/** What the source's own files set. The environment of this process is not asked: a file could draw any secret from it. */
export type Lookup = (name: string) => string | undefined;

const maxCharacters = 4096;

/** Pure. The text that a value means in its source, with the source's own variables. */
export function literalOf(value: Tree | undefined, dialect: Dialect, lookup: Lookup): Literal {
  if (value === undefined || value === null) return { kind: "nothing" };
  if (isTreeObject(value)) return referred(value, lookup);
  if (typeof value !== "string") return { kind: "left", reason: "is not a text" };
  const text = value.trim();
  if (text === "") return { kind: "nothing" };
  if (dialect.fileReference?.test(text)) {
    return { kind: "left", reason: "refers to a file, which is not read" };
  }
  if (dialect.isVariableName?.(text)) return fromVariable(text, lookup);
  return expanded(text, dialect, lookup);
}

/** `{ source: "env", id: NAME }`: a reference of OpenClaw to a secret that stands elsewhere. */
function referred(value: Tree, lookup: Lookup): Literal {
  const [source, id] = [valueAt(value, "source"), valueAt(value, "id")];
  if (source === "env" && typeof id === "string") return fromVariable(id, lookup);
  const reason = typeof source === "string" ? "stands in a store that is not read" : "is not a text";
  return { kind: "left", reason };
}

function fromVariable(name: string, lookup: Lookup): Literal {
  const text = lookup(name)?.trim();
  if (text === undefined) return { kind: "left", reason: refersTo(name) };
  return text === "" ? { kind: "nothing" } : judged(text);
}

function expanded(text: string, { reference }: Dialect, lookup: Lookup): Literal {
  if (reference === undefined) return judged(text);
  let missing: string | undefined;
  const whole = text.replace(reference, (_all, name: string) => {
    const found = lookup(name);
    if (found === undefined) missing ??= name;
    return found ?? "";
  });
  if (missing !== undefined) return { kind: "left", reason: refersTo(missing) };
  return whole.trim() === "" ? { kind: "nothing" } : judged(whole.trim());
}

function refersTo(name: string): string {
  const shown = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) ? ` ${name}` : "";
  return `refers to the variable${shown}, which its own files do not set`;
}

/** What may not become a value here, whatever it is for. */
function judged(text: string): Literal {
  const left = (reason: string): Literal => ({ kind: "left", reason });
  if (text.length > maxCharacters) return left(`is longer than ${maxCharacters} characters`);
  if (/[\n\t]/.test(text) || stripUnsafe(text) !== text) return left("has characters that nobody can see");
  // Written here it would draw in a variable of this machine, which the file's maker chose.
  if (text.includes("${")) return left("holds ${, which would stand for a variable here");
  if (looksSealed(text)) return left("looks like a value that Carapace sealed");
  return { kind: "text", text };
}
