/** A pattern's characters, and how far they were read. */
export interface Source {
  readonly chars: readonly string[];
  at: number;
}

type Accepts = (char: string) => boolean;

const named: Readonly<Record<string, RegExp>> = {
  d: /^[0-9]$/,
  D: /^[^0-9]$/,
  w: /^[0-9A-Za-z_]$/,
  W: /^[^0-9A-Za-z_]$/,
  s: /^\s$/,
  S: /^\S$/,
};
const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** After a backslash: a class of characters, or a sign that means itself; letters without a meaning are refused. */
export function readEscape(source: Source): Accepts | undefined {
  const char = source.chars[source.at];
  if (char === undefined) return undefined;
  source.at += 1;
  const set = Object.hasOwn(named, char) ? named[char] : undefined;
  if (set !== undefined) return (candidate) => set.test(candidate);
  const literal = literalOf(char);
  return literal === undefined ? undefined : (candidate) => candidate === literal;
}

/** After `[`: up to its `]`. */
export function readClass(source: Source): Accepts | undefined {
  const isNegated = source.chars[source.at] === "^";
  if (isNegated) source.at += 1;
  const members: Accepts[] = [];
  while (source.chars[source.at] !== "]") {
    const member = readMember(source);
    if (member === undefined) return undefined;
    members.push(member);
  }
  source.at += 1;
  if (members.length === 0) return undefined;
  return (char) => members.some((accepts) => accepts(char)) !== isNegated;
}

function readMember(source: Source): Accepts | undefined {
  const isSet = source.chars[source.at] === "\\" && Object.hasOwn(named, source.chars[source.at + 1] ?? "");
  if (isSet) {
    source.at += 1;
    return readEscape(source);
  }
  const from = readBound(source);
  if (from === undefined) return undefined;
  const isRange = source.chars[source.at] === "-" && source.chars[source.at + 1] !== "]";
  if (!isRange) return (char) => char === from;
  source.at += 1;
  const to = readBound(source);
  if (to === undefined || codeOf(to) < codeOf(from)) return undefined;
  return (char) => codeOf(char) >= codeOf(from) && codeOf(char) <= codeOf(to);
}

function readBound(source: Source): string | undefined {
  const char = source.chars[source.at];
  source.at += 1;
  if (char !== "\\") return char;
  const escaped = source.chars[source.at];
  source.at += 1;
  return escaped === undefined ? undefined : literalOf(escaped);
}

function literalOf(escaped: string): string | undefined {
  if (Object.hasOwn(controls, escaped)) return controls[escaped];
  return /^[0-9A-Za-z]$/.test(escaped) ? undefined : escaped;
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
