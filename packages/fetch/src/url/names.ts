import type { AddressPolicy } from "../addresses/judge.ts";

/** Names that lead to this machine or a private network, whatever a resolver says (http.md §14). */
const privateNames = ["localhost", "localdomain", "internal", "local", "ip6-localhost", "ip6-loopback"];

/** Names at which clouds hand out credentials. */
const metadataNames = ["metadata", "instance-data", "metadata.google.internal", "metadata.goog"];

/**
 * Pure. Whether a host name may be looked up at all, as `URL` spells it: lower case, punycode. Names below a blocked
 * one are blocked, too. One with a dot at its end means the same as the one without: it is not guessed at.
 */
export function isNameBlocked(name: string, { allowPrivate }: AddressPolicy = {}): boolean {
  if (name === "" || name.endsWith(".") || name.length > 253) return true;
  if (metadataNames.some((blocked) => isOrBelow(name, blocked))) return true;
  return allowPrivate !== true && privateNames.some((blocked) => isOrBelow(name, blocked));
}

function isOrBelow(name: string, parent: string): boolean {
  return name === parent || name.endsWith(`.${parent}`);
}
