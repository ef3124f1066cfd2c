import { createHash } from "node:crypto";
import { z } from "zod";

// Half of a surrogate pair cannot be stored: two such names would become one.
const Name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.isWellFormed());

/** The name of a conversation (state.md §3.2). */
export const SessionKey = Name.brand<"SessionKey">();
export type SessionKey = z.infer<typeof SessionKey>;

/** The id of one run; for `agent` and `chat.send` it is the caller's idempotency key (websocket.md §11). */
export const RunId = Name.brand<"RunId">();
export type RunId = z.infer<typeof RunId>;

const hashedKey = /^sid_[0-9a-f]{64}$/i;

/** The stored key of a caller's session hint (state.md §3.2): `sid_` + hex SHA-256, or the hint itself if it is one already. */
export function hintedSessionKey(hint: string): SessionKey {
  const trimmed = hint.trim();
  if (hashedKey.test(trimmed)) return SessionKey.parse(trimmed.toLowerCase());
  const digest = createHash("sha256").update(`carapace:session-hint:v1:${trimmed}`).digest("hex");
  return SessionKey.parse(`sid_${digest}`);
}
