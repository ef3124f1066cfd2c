import type { Json } from "@carapace/protocol";
import { envelopeKind, envelopeParts } from "@carapace/secrets/envelope-kind";
import type { Path } from "../json5/locate.ts";
import { type PlacedText, textsIn } from "../record.ts";

/** Every `enc:v2` value of a tree. */
export function envelopesIn(tree: Json): PlacedText[] {
  return textsIn(tree).filter(({ text }) => envelopeKind(text) === "v2");
}

/** Why sealed values are not opened, and where the first of them stands. */
export interface EnvelopeFault {
  readonly path: Path;
  readonly say: string;
}

/** An envelope of another version ends the load wherever it stands (config.md §11.1). */
export function otherVersion(tree: Json): EnvelopeFault | undefined {
  const found = textsIn(tree).find(({ text }) => envelopeKind(text) === "unsupported");
  const say =
    "this value is sealed in a way this version does not know; use the version that sealed it, or set the value anew";
  return found && { path: found.path, say };
}

/** A file that is written value by value has a few dozen. Each takes 0.15 s of a core to open with. */
const maxSalts = 64;

/** A tree with more salts than a configuration has would keep the process busy for hours. */
export function tooManySalts(tree: Json): EnvelopeFault | undefined {
  const salts = new Set<string>();
  for (const { path, text } of textsIn(tree)) {
    const parts = envelopeParts(text);
    if (parts && salts.add(parts.salt).size > maxSalts) {
      const say = `the sealed values have more than ${maxSalts} different salts, and opening them would take too long; write some of them as plain text, then run cara config seal`;
      return { path, say };
    }
  }
  return undefined;
}

/** A tree whose sealed values were opened as far as they could be. */
export interface Replaced {
  /** Null stands where a value did not open. */
  readonly tree: Json;
  readonly locked: readonly Path[];
  readonly opened: readonly { readonly path: Path; readonly text: string }[];
}

/** A copy with every sealed value opened, or null. @param at where the tree stands in the whole one */
export function replaceEnvelopes(tree: Json, texts: ReadonlyMap<string, string>, at: Path = []): Replaced {
  const locked: Path[] = [];
  const opened: { path: Path; text: string }[] = [];
  const visit = (value: Json, path: Path): Json => {
    if (typeof value === "string") {
      if (envelopeKind(value) !== "v2") return value;
      const text = texts.get(value);
      if (text === undefined) locked.push(path);
      else opened.push({ path, text });
      return text ?? null;
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, visit(inner, [...path, name])]),
    );
  };
  return { tree: visit(tree, at), locked, opened };
}
