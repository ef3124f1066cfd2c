import type { Secret } from "@carapace/config";
import { redactText } from "@carapace/config/redaction";
import { cutBytes } from "../sanitize/redact.ts";

const maxBytes = 500;

/** A vendor's error names whom it was asked: the owner reads that in the sentence, the log does not need it. */
const address = /\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]+/gi;

/**
 * A vendor's own wording made safe for a log: one line without keys and addresses (agent.md §8.9).
 * @param known secrets that are cut out whatever they look like.
 * @returns at most 500 bytes of UTF-8.
 */
export function redactDetail(text: string, known: readonly Secret[]): string {
  const safe = redactText(text, { known: known.map((secret) => secret.reveal()) });
  return cutBytes(safe.replace(address, "[address]").replace(/\s+/g, " ").trim(), maxBytes);
}
