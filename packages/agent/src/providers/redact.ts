import type { Secret } from "@carapace/config";
import { cutBytes, redactSecrets } from "../sanitize/redact.ts";

const maxBytes = 500;

/** What vendors' errors hold besides secrets in full: keys masked in part, and addresses. */
const vendorShapes: readonly (readonly [RegExp, string])[] = [
  [/\bsk-[A-Za-z0-9_*.-]{10,}/gi, "[REDACTED]"],
  [/\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]+/gi, "[address]"],
];

/**
 * A vendor's own wording made safe for a log: one line without keys and addresses (agent.md §8.9).
 * @param known secrets that are cut out whatever they look like.
 * @returns at most 500 bytes of UTF-8.
 */
export function redactDetail(text: string, known: readonly Secret[]): string {
  let safe = text.slice(0, maxBytes * 4);
  for (const secret of known) safe = safe.replaceAll(secret.reveal(), "[REDACTED]");
  safe = redactSecrets(safe);
  for (const [pattern, replacement] of vendorShapes) safe = safe.replace(pattern, replacement);
  return cutBytes(safe.replace(/\s+/g, " ").trim(), maxBytes);
}
