import { findRandom } from "./entropy.ts";
import { findKnown } from "./known.ts";
import { findShapes } from "./shapes.ts";
import { cover, type Finder } from "./span.ts";
import { viewsOf } from "./unsafe.ts";

/** What a line of a log may have (state.md §10). */
const maxLineBytes = 8192;

/**
 * Takes secrets out of what people and models write: the known ones in every spelling, and whatever has the look of a
 * vendor's. Random text stays, as it is often what was asked for. Prepared for many texts.
 * @param known Secrets that this process holds; those under 6 characters are not looked for, those under 8 only as words.
 */
export function createRedactor(known: readonly string[] = []): (text: string) => string {
  return redactorOf([findKnown(known), findShapes]);
}

/**
 * {@link createRedactor} for what is only told about the work: logs, errors, reports. Random text is taken out too
 * (state.md §10 *Better*).
 */
export function createStrictRedactor(known: readonly string[] = []): (text: string) => string {
  return redactorOf([findKnown(known), findShapes, findRandom]);
}

function redactorOf(finders: readonly Finder[]): (text: string) => string {
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
 * An error or a log line that somebody may read (state.md §10, agent.md §8.9): without what looks like a secret or is
 * random, without the known ones wherever they occur, and without hostile characters. Linear in the text's length;
 * redacting twice changes nothing.
 * @param known see {@link createRedactor}
 */
export function redactText(
  text: string,
  { known = [] }: { readonly known?: readonly string[] } = {},
): string {
  return createStrictRedactor(known)(text);
}

/** Replaces each line of over 8192 bytes (state.md §10). Runs after redaction: a line may be the head of a secret. */
export function capLines(text: string): string {
  if (text.length * 3 <= maxLineBytes) return text;
  return text
    .split("\n")
    .map((line) => (Buffer.byteLength(line) > maxLineBytes ? "[REDACTED_LOG_LINE_TOO_LONG]" : line))
    .join("\n");
}
