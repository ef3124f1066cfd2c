import { createHash } from "node:crypto";

const base64Url = /^[A-Za-z0-9_-]+$/;
const base64Padded = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Decodes a device's public key (32 bytes) or signature (64 bytes): base64url without padding, or standard base64
 * with its padding (websocket.md §6). Only the one canonical text of the bytes is taken.
 * @returns undefined for anything else; never throws.
 */
export function decodeKeyBytes(text: string, length: 32 | 64): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > 128) return undefined;
  const encoding = base64Url.test(text) ? "base64url" : base64Padded.test(text) ? "base64" : undefined;
  if (encoding === undefined) return undefined;
  const bytes = Buffer.from(text, encoding);
  if (bytes.length !== length || bytes.toString(encoding) !== text) return undefined;
  return new Uint8Array(bytes);
}

/** Bytes as devices write them: base64url without padding. */
export function encodeKeyBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** A device's id: the lower-case hex SHA-256 of its 32 raw public key bytes. */
export function deviceIdOf(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex");
}
