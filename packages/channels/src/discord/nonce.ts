import { createHash } from "node:crypto";

/** Pure. A message's key in the 25 characters that Discord has for it: the same key is the same nonce. */
export function nonceOf(idempotencyKey: string): string {
  return createHash("sha256").update(idempotencyKey).digest("base64url").slice(0, 25);
}
