import type { NewOutboxMessage } from "@carapace/state";

/** A chat's, a room's or a number's name; and a key. */
const maxNameChars = 255;
const maxParts = 64;
/** UTF-16 units of all parts together; what the longest channel takes is far below. */
const maxChars = 1_000_000;

/** Pure. @returns what is wrong with a message that nobody could send, or undefined */
export function checkMessage({
  to,
  parts,
  idempotencyKey,
  maxAttempts,
  ttlMs,
}: NewOutboxMessage): string | undefined {
  if (to.trim() === "") return "to is required";
  if (to.length > maxNameChars) return `to must have at most ${maxNameChars} characters`;
  if (parts.length === 0) return "the message is empty";
  if (parts.length > maxParts) return `a message has at most ${maxParts} parts`;
  const texts = parts.map((part) =>
    part.type === "text" ? part.text : `${part.caption ?? ""}${part.mediaRef}`,
  );
  if (texts.some((text) => text.trim() === "")) return "the message is empty";
  if (texts.reduce((sum, text) => sum + text.length, 0) > maxChars) return "the message is too long";
  if (idempotencyKey !== undefined && (idempotencyKey === "" || idempotencyKey.length > maxNameChars))
    return `idempotencyKey must have 1 to ${maxNameChars} characters`;
  if (idempotencyKey?.isWellFormed() === false) return "idempotencyKey must be well-formed Unicode text";
  if (maxAttempts !== undefined && !(Number.isInteger(maxAttempts) && maxAttempts >= 1))
    return "maxAttempts must be a whole number above 0";
  if (ttlMs !== undefined && !(Number.isInteger(ttlMs) && ttlMs > 0))
    return "ttlMs must be a whole number above 0";
  return undefined;
}
