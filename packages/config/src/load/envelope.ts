import type { Json } from "@carapace/protocol";
import type { Opener } from "../types.ts";

/** What a string is, judged as a sealed value (config.md §11.1). */
type EnvelopeKind = "none" | "v2" | "malformed" | "unsupported";

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * `v2`: nonce, ciphertext and salt decode and have their lengths. `malformed`: begins like one, stays plain text on
 * read, but no write may touch it. `unsupported`: another version; the load fails.
 */
export function envelopeKind(text: string): EnvelopeKind {
  if (!text.startsWith("enc:v")) return "none";
  if (!text.startsWith("enc:v2:")) return "unsupported";
  const [nonce, sealed, salt, ...rest] = text.slice("enc:v2:".length).split(":");
  if (nonce === undefined || sealed === undefined || salt === undefined || rest.length > 0)
    return "malformed";
  if (![nonce, sealed, salt].every((part) => base64.test(part))) return "malformed";
  const right = byteLength(nonce) === 12 && byteLength(salt) === 16 && byteLength(sealed) >= 16;
  return right ? "v2" : "malformed";
}

/** Whether a write must leave this value alone while it is locked. */
export function looksSealed(value: unknown): boolean {
  return typeof value === "string" && envelopeKind(value) !== "none";
}

function byteLength(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** Opens nothing: every sealed value is locked. */
export const lockedOpener: Opener = { open: async () => new Map() };

/** Every `enc:v2:` string of a tree, each once, and the paths of those of another version. */
export function findEnvelopes(tree: Json): { v2: string[]; unsupported: (string | number)[][] } {
  const v2 = new Set<string>();
  const unsupported: (string | number)[][] = [];
  const visit = (value: Json, path: (string | number)[]): void => {
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

/** A copy with every sealed value opened, or null and its path in `locked`. */
export function replaceEnvelopes(
  tree: Json,
  opened: ReadonlyMap<string, string>,
): { tree: Json; locked: (string | number)[][] } {
  const locked: (string | number)[][] = [];
  const visit = (value: Json, path: (string | number)[]): Json => {
    if (typeof value === "string") {
      if (envelopeKind(value) !== "v2") return value;
      const text = opened.get(value);
      if (text === undefined) locked.push(path);
      return text ?? null;
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, visit(inner, [...path, name])]),
    );
  };
  return { tree: visit(tree, []), locked };
}
