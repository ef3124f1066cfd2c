import { redactText } from "@carapace/config/redaction";

const maxBytes = 500;

/** Pure. A failure on its way to a client (agent.md §8.9): without secrets, at most 500 bytes, cut between characters. */
export function redactFailure(text: string): string {
  // Redacted whole, as a cut could leave half a secret that nothing recognises.
  return cutBytes(redactText(text), maxBytes);
}

/** Pure. The longest start of a text with at most so many UTF-8 bytes; never half a character. */
export function cutBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  const start = Buffer.from(text).subarray(0, bytes);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(start, { stream: true });
}
