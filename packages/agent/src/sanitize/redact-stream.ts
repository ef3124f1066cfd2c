import { createRedactor, redacted, stripUnsafe } from "@carapace/config/redaction";
import { beginningsOf } from "./beginnings.ts";
import { heldBack } from "./hold-back.ts";

type Redact = (text: string) => string;

/** What was shown last and still tells what the next text is: labels, beginnings of keys. */
const contextLength = 512;
const endless = 64 * 1024;
/** Behind a word that is longer than any other, what comes is looked at in pieces of this length. */
const longWord = 1024;
const pieceLength = 128;

/** Takes secrets out of a text that comes in pieces. */
export interface StreamRedactor {
  /** @returns what may be shown now; the rest waits for what comes next. */
  take(delta: string): string;
  /** @returns what waited: nothing comes any more. */
  flush(): string;
}

/**
 * Shows a reply as it comes, without what looks like a secret and without known ones, however it is cut into pieces
 * (agent.md §7.8 *Fix*). Only an end that could become a part of a secret waits: in prose at most a word.
 */
export function createStreamRedactor(known: readonly string[]): StreamRedactor {
  const redact = createRedactor(known);
  const beginnings = beginningsOf(known);
  let shown = "";
  let waiting = "";
  /** Units that came since the last look. */
  let fresh = 0;

  function release(length: number): string {
    if (length <= 0) return "";
    const next = shown + waiting.slice(0, length);
    const text = addition(shown, next, redact);
    waiting = waiting.slice(length);
    shown = contextOf(next, redact);
    return text;
  }

  return {
    take(delta) {
      waiting += delta;
      fresh += delta.length;
      // A text without an end of a word costs as much for each of its characters as for all that waits.
      if (waiting.length > longWord && fresh < pieceLength && !/[ \t\r\n]/.test(delta)) return "";
      fresh = 0;
      const all = shown + waiting;
      const end = all.length - heldBack(all, beginnings);
      return release(cutBefore(all, { end, start: shown.length }, redact) - shown.length);
    },
    flush: () => release(waiting.length),
  };
}

/** The last place up to `end` that is not within a secret, which the rest would no longer show to be one. */
function cutBefore(
  text: string,
  range: { readonly start: number; readonly end: number },
  redact: Redact,
): number {
  if (range.end <= range.start || range.end === text.length || text.length - range.start > endless)
    return range.end;
  const whole = redact(text);
  if (whole === stripUnsafe(text)) return range.end;
  let { end } = range;
  while (end > range.start && !whole.startsWith(redact(text.slice(0, end))))
    end = Math.max(text.slice(0, end - 1).search(/[ \t\r\n][^ \t\r\n]*$/) + 1, range.start);
  return end;
}

/** What a reader who has seen the first text must be told to have seen the second. */
function addition(before: string, after: string, redact: Redact): string {
  const now = redact(after);
  if (now === stripUnsafe(after)) return after.slice(before.length);
  const old = redact(before);
  let common = 0;
  while (common < old.length && old.charCodeAt(common) === now.charCodeAt(common)) common += 1;
  return now.slice(common);
}

/** The least that must be remembered of what was shown, so that a value that goes on is still known to be one. */
function contextOf(text: string, redact: Redact): string {
  if (text.length <= 2 * contextLength) return text;
  const end = text.slice(-contextLength);
  if (!isOpen(text, redact) || isOpen(end, redact)) return end;
  for (let head = contextLength; head < text.length - contextLength; head *= 2) {
    const short = text.slice(0, head) + end;
    if (isOpen(short, redact)) return short;
  }
  return text.slice(-endless);
}

/** Whether whatever follows would belong to a secret. */
function isOpen(text: string, redact: Redact): boolean {
  return redact(`${text}x9`).endsWith(redacted);
}
