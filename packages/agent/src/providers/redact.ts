import type { Secret } from "@carapace/config";

const maxBytes = 500;

/** Shapes of what a vendor may repeat to us: keys, header values that hold one, addresses (agent.md §8.9). */
const hidden: readonly (readonly [RegExp, string])[] = [
  [
    /\b(authorization|x-api-key|api-key|proxy-authorization)(["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',}]+/gi,
    "$1$2[redacted]",
  ],
  [/\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, "[redacted]"],
  [/\b(?:sk-ant-|sk-|key-)[A-Za-z0-9_*.-]{10,}/g, "[redacted]"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, "[address]"],
];

/**
 * A vendor's own wording made safe for a log: one line, no key, no address, no control characters.
 * @returns at most 500 bytes of UTF-8.
 */
export function redactDetail(text: string, secrets: readonly Secret[]): string {
  // Long replies are cut first: every pattern below is linear, but in what it is given.
  let safe = text.slice(0, maxBytes * 4);
  for (const secret of secrets) safe = safe.replaceAll(secret.reveal(), "[redacted]");
  for (const [pattern, replacement] of hidden) safe = safe.replace(pattern, replacement);
  return cutBytes(safe.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim(), maxBytes);
}

/** Cuts a text to so many bytes of UTF-8, between characters. */
export function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= limit) return text;
  let end = limit - 3;
  // A continuation byte (10xxxxxx) at the cut would leave half a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString("utf8")}…`;
}
