import { isRecord } from "../record.ts";
import { Secret } from "../secret.ts";
import type { Environment } from "../types.ts";
import { isSecretName, isSecretVariable } from "./names.ts";
import type { Finder, Span } from "./span.ts";

/** Shorter ones are not looked for: they would blank out half of every text and be told by it. */
const shortest = 6;
/** Shorter ones count only where they stand alone as a word. */
const shortestInside = 8;

/** Finds secrets by their exact text, as it is and as JSON and addresses write it. */
export function findKnown(known: readonly string[]): Finder {
  const written = new Set(known.map((secret) => secret.trim()).flatMap(spellings));
  const wanted = [...written].filter((secret) => secret.length >= shortest);
  return (text) => wanted.flatMap((secret) => occurrences(text, secret));
}

function spellings(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return secret.isWellFormed() ? [secret, inJson, encodeURIComponent(secret)] : [secret, inJson];
}

function occurrences(text: string, secret: string): Span[] {
  const spans: Span[] = [];
  for (let start = text.indexOf(secret); start >= 0; ) {
    const end = start + secret.length;
    const isSeen = secret.length >= shortestInside || standsAlone(text, start, end);
    if (isSeen) spans.push({ start, end });
    start = text.indexOf(secret, isSeen ? end : start + 1);
  }
  return spans;
}

function standsAlone(text: string, start: number, end: number): boolean {
  const word = /[\p{L}\p{N}]/u;
  return !word.test(text.charAt(start - 1)) && !word.test(text.charAt(end));
}

/** Every secret text in a configuration and in environments, by the names they stand under (state.md §10 *Better*). */
export function collectSecrets(tree: unknown, ...environments: readonly Environment[]): string[] {
  const found = new Set<string>();
  gather(tree, false, found);
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined && isSecretVariable(name)) found.add(value.trim());
    }
  }
  found.delete("");
  return [...found];
}

function gather(node: unknown, isSecret: boolean, found: Set<string>): void {
  if (node instanceof Secret) {
    found.add(node.reveal().trim());
  } else if (typeof node === "string") {
    if (isSecret) found.add(node.trim());
  } else if (Array.isArray(node)) {
    for (const item of node) gather(item, isSecret, found);
  } else if (isRecord(node)) {
    for (const [name, inner] of Object.entries(node)) gather(inner, isSecret || isSecretName(name), found);
  }
}
