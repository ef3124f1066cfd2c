import type { Secret } from "@carapace/config";

const maxChars = 200;

/** Pure. What somebody else's server says, fit to be shown: one line, no address, no token, cut to a sentence's length. */
export function cleanSentence(text: string, token: Secret): string {
  const line = text
    .replaceAll(token.reveal(), "[token]")
    // Some servers say a token back as it stood in the path.
    .replaceAll(/\b\d{6,}:[\w-]{20,}/g, "[token]")
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1).toWellFormed()}…` : line;
}
