/** What is wrong with a text's brackets, strings or comments, and where. */
export interface ScanFault {
  readonly say: string;
  /** Index into the text. */
  readonly offset: number;
}

const closers: Readonly<Record<string, string>> = { "{": "}", "[": "]" };
const lineEnd = /[\n\r\u2028\u2029]/g;

/**
 * One pass over a JSON5 text, before any parser sees it: nesting above `maxDepth` (a parser would run out of stack),
 * brackets that do not match, and strings and comments that do not end. Says nothing of what stands between.
 */
export function scanBrackets(text: string, maxDepth: number): ScanFault | undefined {
  const open: number[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") {
      const end = endOfString(text, at, char);
      if (end < 0) return { say: `a string is not closed; add ${char} at its end`, offset: at };
      at = end;
    } else if (char === "/") {
      const end = endOfComment(text, at);
      if (end < 0) return { say: "a comment is not closed; add */ at its end", offset: at };
      at = end;
    } else if (char === "{" || char === "[") {
      if (open.length === maxDepth) return { say: `nested deeper than ${maxDepth} levels`, offset: at };
      open.push(at++);
    } else if (char === "}" || char === "]") {
      const fault = closes(text, open.pop(), at);
      if (fault) return fault;
      at++;
    } else at++;
  }
  const left = open.pop();
  if (left === undefined) return undefined;
  const bracket = text.charAt(left);
  return { say: `this ${bracket} is never closed; add ${closers[bracket]}`, offset: left };
}

function closes(text: string, opened: number | undefined, at: number): ScanFault | undefined {
  const char = text.charAt(at);
  if (opened === undefined) return { say: `a ${char} closes nothing; remove it`, offset: at };
  const wanted = closers[text.charAt(opened)];
  return wanted === char ? undefined : { say: `found ${char} where ${wanted} is needed`, offset: at };
}

/** Index after the string that begins at `start`, or -1. A backslash takes the next character, a line end too. */
export function endOfString(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === quote) return at + 1;
    if (char === "\n" || char === "\r") return -1;
    if (char !== "\\") continue;
    at += text.startsWith("\r\n", at + 1) ? 2 : 1;
  }
  return -1;
}

/** Index after the comment at `start`, -1 if it does not end; a lone slash is one character. */
export function endOfComment(text: string, start: number): number {
  if (text.startsWith("//", start)) {
    lineEnd.lastIndex = start;
    return lineEnd.exec(text)?.index ?? text.length;
  }
  if (!text.startsWith("/*", start)) return start + 1;
  const end = text.indexOf("*/", start + 2);
  return end < 0 ? -1 : end + 2;
}
