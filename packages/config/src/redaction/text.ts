import { findRandom } from "./entropy.ts";
import { findKnown } from "./known.ts";
import { findShapes } from "./shapes.ts";
import { cover, type Finder } from "./span.ts";
import { viewsOf } from "./unsafe.ts";

/** What a line of a log may have (state.md §10). */
const maxLineBytes = 8192;

/** How far {@link createRedactor} goes. */
export interface RedactorOptions {
  /** False: random text stays. For what is random and public: keys to verify with, digests. */
  readonly random?: boolean;
}

/** {@link redactText} prepared for many texts and the same known secrets. */
export function createRedactor(
  known: readonly string[] = [],
  { random = true }: RedactorOptions = {},
): (text: string) => string {
  const finders: readonly Finder[] = [findKnown(known), findShapes, ...(random ? [findRandom] : [])];
  return (text) => {
    const spans = viewsOf(text).flatMap((view) =>
      finders
        .flatMap((find) => find(view.text))
        .map((span) => ({ ...span, start: view.at(span.start), end: view.at(span.end - 1) + 1 })),
    );
    return cover(text, spans);
  };
}

/**
 * A text that somebody may read (state.md §10, agent.md §8.9): without what looks like a secret, without the known ones
 * wherever they occur, and without hostile characters. Linear in the text's length; redacting twice changes nothing.
 * @param known Secrets that this process holds; those under 6 characters are not looked for, those under 8 only as words.
 */
export function redactText(
  text: string,
  { known = [] }: { readonly known?: readonly string[] } = {},
): string {
  return createRedactor(known)(text);
}

/** Replaces each line of over 8192 bytes (state.md §10). Runs after redaction: a line may be the head of a secret. */
export function capLines(text: string): string {
  if (text.length * 3 <= maxLineBytes) return text;
  return text
    .split("\n")
    .map((line) => (Buffer.byteLength(line) > maxLineBytes ? "[REDACTED_LOG_LINE_TOO_LONG]" : line))
    .join("\n");
}
