const maxWords = 32;
const maxChars = 1000;

// Scripts written without spaces: each sign is a word of its own, in the index and in queries.
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/** Text as the index reads it. */
export function indexable(text: string): string {
  return text.replaceAll("\0", " ").toWellFormed().replace(unspaced, " $& ");
}

/** One word of a query. */
export interface SearchWord {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** The words of a query: a trailing * asks for a prefix, everything else is literal. At most 32 words, 1,000 characters. */
export function parseQuery(query: string): SearchWord[] {
  return query
    .slice(0, maxChars)
    .replaceAll("\0", " ")
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, maxWords)
    .map((word) => ({ text: word.replace(/\*+$/u, ""), isPrefix: word.endsWith("*") }));
}

/** The engine's own language for these words, all of them wanted: each is quoted, so that nothing in it is an operator. */
export function matchExpression(words: readonly SearchWord[]): string {
  return words
    .map((word) => `"${indexable(word.text).replaceAll('"', '""')}"${word.isPrefix ? "*" : ""}`)
    .join(" AND ");
}

/** A word that stands for an id in the index: hex, so that it is one word whatever the id holds. */
export function scopeWord(kind: "s" | "a", id: string): string {
  return `${kind}${Buffer.from(id).toString("hex")}`;
}
