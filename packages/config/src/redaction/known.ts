import { isRecord } from "../record.ts";
import { Secret } from "../secret.ts";
import type { Environment } from "../types.ts";
import { isSecretIn, isSecretVariable } from "./names.ts";
import type { Finder, Span } from "./span.ts";
import { spellingsOf } from "./spellings.ts";

/** Shorter ones are not looked for: they would blank out half of every text and be told by it. */
const shortest = 6;
/** Shorter ones count only where they stand alone as a word. */
const shortestInside = 8;

/** Secrets by their first three characters, and which sums of those characters are worth a look at all. */
interface Index {
  readonly byStart: ReadonlyMap<string, readonly string[]>;
  readonly isStart: Uint8Array;
}

/**
 * Finds secrets by their exact text and by the forms other programs write it in. One pass over the text, however many
 * secrets there are.
 */
export function findKnown(known: readonly string[]): Finder {
  const written = new Set(known.map((secret) => secret.trim()).flatMap(spellingsOf));
  const wanted = [...written].filter((secret) => secret.length >= shortest);
  if (wanted.length === 0) return () => [];
  const index = indexOf(wanted);
  return (text) => occurrences(text, index);
}

function indexOf(wanted: readonly string[]): Index {
  const byStart = new Map<string, string[]>();
  const isStart = new Uint8Array(1 << 16);
  // The longest first: what stands inside it is covered with it.
  for (const secret of wanted.toSorted((a, b) => b.length - a.length)) {
    const start = secret.slice(0, 3);
    const same = byStart.get(start);
    if (same === undefined) byStart.set(start, [secret]);
    else same.push(secret);
    isStart[sumAt(secret, 0)] = 1;
  }
  return { byStart, isStart };
}

function sumAt(text: string, at: number): number {
  const sum = text.charCodeAt(at) * 31 * 31 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2);
  return sum & 0xffff;
}

function occurrences(text: string, { byStart, isStart }: Index): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at + shortest <= text.length; at += 1) {
    if (isStart[sumAt(text, at)] !== 1) continue;
    const secret = byStart.get(text.slice(at, at + 3))?.find((one) => standsAt(text, at, one));
    if (secret === undefined) continue;
    spans.push({ start: at, end: at + secret.length });
    at += secret.length - 1;
  }
  return spans;
}

function standsAt(text: string, at: number, secret: string): boolean {
  if (!text.startsWith(secret, at)) return false;
  return secret.length >= shortestInside || standsAlone(text, at, at + secret.length);
}

function standsAlone(text: string, start: number, end: number): boolean {
  const word = /[\p{L}\p{N}]/u;
  return !word.test(text.charAt(start - 1)) && !word.test(text.charAt(end));
}

/**
 * Every secret text in a configuration and in environments, by the names they stand under and by what addresses carry
 * (state.md §10 *Better*).
 */
export function collectSecrets(tree: unknown, ...environments: readonly Environment[]): string[] {
  const found = new Set<string>();
  gather(tree, { isSecret: false, found });
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      if (value === undefined) continue;
      if (isSecretVariable(name)) found.add(value.trim());
      for (const secret of secretsOfAddress(value)) found.add(secret);
    }
  }
  found.delete("");
  return [...found];
}

interface Gathering {
  /** A name above says so. */
  readonly isSecret: boolean;
  readonly found: Set<string>;
  /** The name that it stands under. */
  readonly parent?: string;
}

function gather(node: unknown, { isSecret, found, parent }: Gathering): void {
  if (node instanceof Secret) {
    found.add(node.reveal().trim());
  } else if (typeof node === "string") {
    if (isSecret) found.add(node.trim());
    for (const secret of secretsOfAddress(node)) found.add(secret);
  } else if (Array.isArray(node)) {
    for (const item of node) gather(item, { isSecret, found });
  } else if (isRecord(node)) {
    for (const [name, inner] of Object.entries(node))
      gather(inner, { isSecret: isSecret || isSecretIn(parent, name), found, parent: name });
  }
}

/** The password in an address (`postgres://user:password@host`), as it is written and as it is meant. */
function secretsOfAddress(text: string): readonly string[] {
  const written = /^[a-z][a-z0-9+.-]{0,31}:\/\/[^\s:/@]{0,256}:([^\s/]{1,1024})@/i.exec(text.trim())?.[1];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}
