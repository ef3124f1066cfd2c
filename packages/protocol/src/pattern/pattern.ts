import { parsePattern } from "./parse.ts";
import { runProgram } from "./program.ts";

/** A compiled pattern: `test` has the meaning of a regular expression's. */
export interface TextPattern {
  test(text: string): boolean;
}

const maxPatternChars = 256;

/**
 * Compiles a pattern that a stranger may have written: text, `.`, classes, groups, `|`, `^`, `$` and the repetitions
 * `*`, `+`, `?`. Counted repetitions, look-arounds and references back are not offered. Matching takes a time that
 * grows with the product of both lengths and no faster.
 * @param text At most 256 characters.
 * @returns undefined if it is longer or not such a pattern.
 */
export function compilePattern(text: string): TextPattern | undefined {
  if (text.length > maxPatternChars) return undefined;
  const program = parsePattern(text);
  return program === undefined ? undefined : { test: (candidate) => runProgram(program, candidate) };
}
