import type { Path } from "./locate.ts";
import { endOfComment, endOfString } from "./scan.ts";

/** An object or a list that is not closed yet, and where in it the reading stands. */
interface Open {
  readonly path: Path;
  readonly isList: boolean;
  readonly keys: Set<string>;
  step: string | number;
}

/** Letters, digits, marks, joiners: whatever a bare key may have, and numbers with it. */
const word = /[\p{ID_Continue}$\p{Join_Control}\\]+/uy;

/**
 * Where an object has one key twice: parsers take the last in silence, and a second `gateway: {…}` at the end of a file
 * would do away with the first and its credentials. One pass, without building a tree.
 * @param text JSON5 that parses
 * @returns the path of each such key, once an object
 */
export function doubleKeys(text: string): Path[] {
  const found: Path[] = [];
  const open: Open[] = [];
  let last = "";
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    const token = readToken(text, at);
    if (token !== undefined) {
      last = token.key ?? last;
      at = token.end;
      continue;
    }
    const inside = open.at(-1);
    if (char === "{" || char === "[") open.push(entered(inside, char === "["));
    else if (char === "}" || char === "]") open.pop();
    else if (char === "," && inside?.isList && typeof inside.step === "number") inside.step += 1;
    else if (char === ":" && inside !== undefined) named(inside, last, found);
    at += 1;
  }
  return uniqueOf(found);
}

function entered(inside: Open | undefined, isList: boolean): Open {
  const path = inside === undefined ? [] : [...inside.path, inside.step];
  return { path, isList, keys: new Set(), step: 0 };
}

function named(inside: Open, key: string, found: Path[]): void {
  if (inside.keys.has(key)) found.push([...inside.path, key]);
  inside.keys.add(key);
  inside.step = key;
}

/** What is longer than one character and may hold brackets or be a key; a comment is no key. */
function readToken(text: string, at: number): { readonly end: number; readonly key?: string } | undefined {
  const char = text.charAt(at);
  if (char === '"' || char === "'") {
    const end = endOfString(text, at, char);
    return { end: end < 0 ? text.length : end, key: textOf(text.slice(at, end)) };
  }
  if (char === "/") {
    const end = endOfComment(text, at);
    return { end: end < 0 ? text.length : end };
  }
  word.lastIndex = at;
  const key = word.exec(text)?.[0];
  return key === undefined ? undefined : { end: at + key.length, key };
}

function textOf(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  return String(Bun.JSON5.parse(quoted));
}

function uniqueOf(paths: readonly Path[]): Path[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}
