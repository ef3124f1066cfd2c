import type { Secret } from "@carapace/config";
import { createRedactor } from "@carapace/config/redaction";

const maxChars = 200;

/** A part of a token that is a secret by itself: what stands behind the bot's number is all of Telegram's. */
const minPartChars = 16;

/**
 * Pure. What somebody else's server says, fit to be shown: one line, no address, no token in any spelling and no part of
 * one, cut to a sentence's length.
 */
export function cleanSentence(text: string, token: Secret): string {
  const parts = token
    .reveal()
    .split(/[.:]/)
    .filter((part) => part.length >= minPartChars);
  const hide = createRedactor([token.reveal(), ...parts]);
  const line = hide(withoutTokens(text, token))
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1).toWellFormed()}…` : line;
}

function withoutTokens(text: string, token: Secret): string {
  return (
    text
      .replaceAll(token.reveal(), "[token]")
      // Some servers say a token back as it stood in the path.
      .replaceAll(/\b\d{6,}:[\w-]{20,}/g, "[token]")
  );
}
