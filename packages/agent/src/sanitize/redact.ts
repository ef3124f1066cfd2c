const maxBytes = 500;

/** Invisible and control characters could split a secret so that no pattern sees it; they go first. */
const invisible = /(?![\n\t])\p{Cc}|\p{Cf}|\p{Default_Ignorable_Code_Point}/gu;

const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[REDACTED]"],
  [
    /\b((?:proxy-)?authorization|x-api-key|x-goog-api-key|api-key)("?\s*[:=]\s*"?)[^\s",;}]+(?:[ \t]+[^\s",;}]+)?/gi,
    "$1$2[REDACTED]",
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{10,}/gi, "$1 [REDACTED]"],
  [/\b(?:sk|pk|rk|key)-[A-Za-z0-9_-]{10,}/gi, "[REDACTED]"],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, "[REDACTED]"],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}/g, "[REDACTED]"],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, "[REDACTED]"],
  [/\bAKIA[A-Z0-9]{16}\b/g, "[REDACTED]"],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, "[REDACTED]"],
  [/\b\d{6,12}:[A-Za-z0-9_-]{30,}/g, "[REDACTED]"],
  [/\b(key|token|secret|password|passwd)(["']?\s*[:=]\s*["']?)[A-Za-z0-9._~+/=-]{16,}/gi, "$1$2[REDACTED]"],
  [/\b(https?:\/\/)[^\s/@]+@/gi, "$1[REDACTED]@"],
];

/**
 * Pure. Takes what looks like a secret out of a text that somebody will read: keys, tokens, header values, invisible
 * characters that could hide them (agent.md §8.9, state.md §10). Line feeds and tabs stay.
 */
export function redactSecrets(text: string): string {
  let clean = text.replace(invisible, "");
  for (const [pattern, replacement] of secrets) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Pure. The same for a failure on its way to a client: at most 500 bytes, cut between characters. */
export function redactFailure(text: string): string {
  const bounded = text.slice(0, 16 * maxBytes);
  return cutBytes(redactSecrets(bounded), maxBytes);
}

/** Pure. The longest start of a text with at most so many UTF-8 bytes; never half a character. */
export function cutBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  const start = Buffer.from(text).subarray(0, bytes);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(start, { stream: true });
}
