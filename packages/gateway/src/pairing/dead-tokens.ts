import type { DeviceToken } from "@carapace/state";

/** How many tokens are kept besides the one that is being issued (websocket.md §13: 200 in all). */
const maxOthers = 199;

/**
 * Which stored tokens may be forgotten when a new one is issued: the revoked, the expired, and above the cap the oldest.
 * Pure.
 * @returns their hashes.
 */
export function deadTokens(tokens: readonly DeviceToken[], nowMs: number): string[] {
  const isDead = ({ revoked, expiresAtMs }: DeviceToken) => revoked || nowMs >= expiresAtMs;
  const oldestFirst = tokens
    .filter((token) => !isDead(token))
    .sort((one, other) => one.issuedAtMs - other.issuedAtMs);
  const surplus = oldestFirst.slice(0, Math.max(0, oldestFirst.length - maxOthers));
  return [...tokens.filter(isDead), ...surplus].map(({ tokenHash }) => tokenHash);
}
