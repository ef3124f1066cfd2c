import { createHmac, timingSafeEqual } from "node:crypto";

export type MacAlgorithm = "sha256" | "sha1" | "sha512";
export type MacEncoding = "hex" | "base64";

/** HMAC over parts, one after the other. */
export function macOf(
  key: string,
  parts: readonly (string | Uint8Array)[],
  algorithm: MacAlgorithm = "sha256",
): Buffer {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a text is that MAC, in constant time; a text that is not well written is none. */
export function isMac(text: string, mac: Uint8Array, encoding: MacEncoding = "hex"): boolean {
  const given = encoding === "hex" ? fromHex(text) : fromBase64(text);
  return given !== undefined && given.length === mac.length && timingSafeEqual(given, mac);
}

function fromHex(text: string): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined;
}

/** Only the one canonical spelling of the bytes, with or without padding. */
function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  const canonical = bytes.toString("base64");
  return text === canonical || text === canonical.replace(/=+$/, "") ? bytes : undefined;
}
