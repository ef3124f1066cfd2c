import { readClass, readEscape, type Source } from "./char-class.ts";
import type { Step } from "./program.ts";

/** Reads a pattern as a program. @returns undefined if it is not one, or uses what is not offered. */
export function parsePattern(text: string): readonly Step[] | undefined {
  const source = { chars: [...text], at: 0 };
  const program = readAlternatives(source);
  return source.at === source.chars.length ? program : undefined;
}

function readAlternatives(source: Source): Step[] | undefined {
  const left = readSequence(source);
  if (left === undefined || source.chars[source.at] !== "|") return left;
  source.at += 1;
  const right = readAlternatives(source);
  if (right === undefined) return undefined;
  return [
    { kind: "fork", first: 1, second: left.length + 2 },
    ...left,
    { kind: "jump", by: right.length + 1 },
    ...right,
  ];
}

function readSequence(source: Source): Step[] | undefined {
  const steps: Step[] = [];
  for (;;) {
    const char = source.chars[source.at];
    if (char === undefined || char === "|" || char === ")") return steps;
    const atom = readAtom(source);
    if (atom === undefined) return undefined;
    steps.push(...repeated(atom, source));
  }
}

function readAtom(source: Source): Step[] | undefined {
  const char = source.chars[source.at] ?? "";
  source.at += 1;
  switch (char) {
    case "^":
      return [{ kind: "start" }];
    case "$":
      return [{ kind: "end" }];
    case ".":
      return [{ kind: "one", accepts: (one) => one !== "\n" }];
    case "(":
      return readGroup(source);
    case "[":
      return one(readClass(source));
    case "\\":
      return one(readEscape(source));
    // Nothing to repeat, or a counted repetition, which would let a short pattern grow.
    case "*":
    case "+":
    case "?":
    case "{":
    case "}":
    case "]":
      return undefined;
    default:
      return one((candidate) => candidate === char);
  }
}

function one(accepts: ((char: string) => boolean) | undefined): Step[] | undefined {
  return accepts === undefined ? undefined : [{ kind: "one", accepts }];
}

/** After its opening parenthesis; of the forms that begin with `?` only the one that does not capture. */
function readGroup(source: Source): Step[] | undefined {
  if (source.chars[source.at] === "?") {
    if (source.chars[source.at + 1] !== ":") return undefined;
    source.at += 2;
  }
  const inner = readAlternatives(source);
  if (inner === undefined || source.chars[source.at] !== ")") return undefined;
  source.at += 1;
  return inner;
}

/** Which of several matches is the longest makes no difference here, so a lazy `?` is read over. */
function repeated(atom: readonly Step[], source: Source): readonly Step[] {
  const sign = source.chars[source.at];
  if (sign !== "*" && sign !== "+" && sign !== "?") return atom;
  source.at += 1;
  if (source.chars[source.at] === "?") source.at += 1;
  const { length } = atom;
  if (sign === "+") return [...atom, { kind: "fork", first: -length, second: 1 }];
  if (sign === "?") return [{ kind: "fork", first: 1, second: length + 1 }, ...atom];
  return [{ kind: "fork", first: 1, second: length + 2 }, ...atom, { kind: "jump", by: -length - 1 }];
}
