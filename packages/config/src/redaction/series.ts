import { redacted } from "./span.ts";

/** What stands in a private key: base64 without blanks, and headers. A sentence of more than one word is neither. */
const keyLine = /^\s*(?:[A-Za-z0-9+/=]*|(?:Proc-Type|DEK-Info|Comment|Version): .{0,200})\s*$/;
/** A text that only claims to begin a key must not hide what follows for long. */
const mostTexts = 150;
const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----/;

/**
 * For texts that come one after another from one source: a private key that is told line by line is hidden to its end,
 * though only its first line says what it is.
 * @param redact takes secrets out of one text (`createRedactor`)
 */
export function createSeriesRedactor(redact: (text: string) => string): (text: string) => string {
  /** How many more texts may belong to the key that began; 0 outside of one. */
  let left = 0;
  return (text) => {
    if (left === 0) {
      left = opensKey(text) ? mostTexts : 0;
      return redact(text);
    }
    const last = text.search(end);
    left -= 1;
    if (last < 0 && isKeyText(text)) return redacted;
    left = opensKey(text) ? mostTexts : 0;
    // Another part may speak in between; then the key is over, or goes on unseen only as random text.
    if (last < 0 || !isKeyText(text.slice(0, last))) return redact(text);
    return redacted + redact(text.slice(last).replace(end, ""));
  };
}

function isKeyText(text: string): boolean {
  return text.split("\n").every((line) => keyLine.test(line));
}

/** Whether the last private key that begins in a text does not end in it. */
function opensKey(text: string): boolean {
  if (!text.includes("-----BEGIN ")) return false;
  const starts = [...text.matchAll(begin)];
  const last = starts.at(-1);
  return last !== undefined && !end.test(text.slice(last.index));
}
