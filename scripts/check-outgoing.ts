import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outgoing } from "./layers.ts";

/** Requests past the guarded fetch. Methods that are called `fetch` are none, nor is a mention of its type. */
const patterns: readonly RegExp[] = [
  /(?<![\w.]|async )fetch\((?![^()]*\)\s*[:{])/,
  /\b(?:globalThis|Bun)\.fetch\(/,
  /^import (?!type\b)[^;]*?\bfrom "(?:node:https?|node:http2|https?|undici)"/m,
  /\bimport\("(?:node:https?|node:http2|https?|undici)"\)/,
];

/** Files that make requests of their own without being known for it, and known ones that make none. */
export function checkOutgoing(root: string, files: readonly string[]): string[] {
  const sources = files.filter(
    (file) => /^packages\/[^/]+\/src\//.test(file) && !/\.test\.ts$|\/testing\//.test(file),
  );
  const found = sources.filter((file) => {
    const text = readFileSync(join(root, file), "utf8");
    return patterns.some((pattern) => pattern.test(text));
  });
  return [
    ...found
      .filter((file) => !Object.hasOwn(outgoing, file))
      .map((file) => `${file}: use guardedFetch of @carapace/fetch, or say in scripts/layers.ts why not`),
    ...Object.keys(outgoing)
      .filter((file) => !found.includes(file))
      .map((file) => `${file}: makes no requests; take it out of scripts/layers.ts`),
  ];
}
