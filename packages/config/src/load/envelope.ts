import type { Json } from "@carapace/protocol";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import type { Path } from "../json5/locate.ts";

/** Every `enc:v2:` string of a tree, each once, and the paths of those of another version. */
export function findEnvelopes(tree: Json): { v2: string[]; unsupported: Path[] } {
  const v2 = new Set<string>();
  const unsupported: Path[] = [];
  const visit = (value: Json, path: Path): void => {
    if (typeof value === "string") {
      const kind = envelopeKind(value);
      if (kind === "v2") v2.add(value);
      if (kind === "unsupported") unsupported.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index]);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) visit(inner, [...path, name]);
    }
  };
  visit(tree, []);
  return { v2: [...v2], unsupported };
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
