import { envelopePrefix, nonceBytes } from "./kind.ts";

/** A key that can seal and open, and cannot be read back. */
export type EnvelopeKey = CryptoKey;

/** Takes 32 bytes in as a key and overwrites them: from then on nobody holds them as bytes. */
export async function importKey(bytes: Uint8Array): Promise<EnvelopeKey> {
  try {
    return await crypto.subtle.importKey("raw", Uint8Array.from(bytes), "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
  } finally {
    bytes.fill(0);
  }
}

/** What one sealing needs; a nonce may serve once for a key. */
export interface Sealing {
  readonly key: EnvelopeKey;
  /** What the key was made with: whoever opens the envelope reads it there. */
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
}

/** The `enc:v2` envelope of a text (config.md §11.1): AES-256-GCM with an empty AAD, the tag behind the ciphertext. */
export async function sealText(text: string, { key, salt, nonce }: Sealing): Promise<string> {
  if (nonce.byteLength !== nonceBytes) throw new RangeError(`a nonce has ${nonceBytes} bytes`);
  const plain = new TextEncoder().encode(text);
  try {
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: Uint8Array.from(nonce) }, key, plain);
    const parts = [nonce, new Uint8Array(sealed), salt].map((part) => Buffer.from(part).toString("base64"));
    return `${envelopePrefix}${parts.join(":")}`;
  } finally {
    plain.fill(0);
  }
}

/** @returns undefined if the key is another one or a byte was changed; nothing tells the two apart. */
export async function openText(
  key: EnvelopeKey,
  { nonce, sealed }: { readonly nonce: Uint8Array; readonly sealed: Uint8Array },
): Promise<string | undefined> {
  const plain = await crypto.subtle
    .decrypt({ name: "AES-GCM", iv: Uint8Array.from(nonce) }, key, Uint8Array.from(sealed))
    .catch(() => undefined);
  if (plain === undefined) return undefined;
  const bytes = new Uint8Array(plain);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  } finally {
    bytes.fill(0);
  }
}
