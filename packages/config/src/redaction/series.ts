import { redacted } from "./span.ts";

/** Between the lines of a private key stands nothing else but headers. */
const keyLines = /^(?:[A-Za-z0-9+/=\s]|(?:Proc-Type|DEK-Info|Comment|Version): [^\n]{0,200})*$/;
const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----/;

/**
 * For texts that come one after another from one source: a private key that is told line by line is hidden to its end,
 * though only its first line says what it is.
 * @param redact takes secrets out of one text (`createRedactor`)
 */
export function createSeriesRedactor(redact: (text: string) => string): (text: string) => string {
  let isInside = false;
  return (text) => {
    const last = text.search(end);
    if (!isInside) {
      isInside = opensKey(text);
      return redact(text);
    }
    if (last < 0 && keyLines.test(text)) return redacted;
    isInside = opensKey(text);
    // Another part may speak in between; then the key is over, or goes on unseen only as random text.
    if (last < 0 || !keyLines.test(text.slice(0, last))) return redact(text);
    return redacted + redact(text.slice(last).replace(end, ""));
  };
}

/** Whether the last private key that begins in a text does not end in it. */
function opensKey(text: string): boolean {
  if (!text.includes("-----BEGIN ")) return false;
  const starts = [...text.matchAll(begin)];
  const last = starts.at(-1);
  return last !== undefined && !end.test(text.slice(last.index));
}
