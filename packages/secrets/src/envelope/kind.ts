/**
 * What a text is, judged as a sealed value (config.md §11.1). `v2`: nonce, ciphertext and salt decode and have their
 * lengths. `malformed`: begins like one, but is none. `unsupported`: an envelope of another version.
 */
export type EnvelopeKind = "none" | "v2" | "malformed" | "unsupported";

/** What every envelope of the version we write begins with. */
export const envelopePrefix = "enc:v2:";
/** Length of the nonce, in bytes. */
export const nonceBytes = 12;
/** Length of the salt, in bytes. */
export const saltBytes = 16;
/** Length of the tag at the end of the ciphertext, in bytes. */
export const tagBytes = 16;

/** Standard Base64 with padding, the bits behind the last byte zero: what the reference's decoder takes. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** The three parts of an envelope's text, still in Base64. */
export interface EnvelopeParts {
  readonly nonce: string;
  readonly sealed: string;
  readonly salt: string;
}

/** Judges a text by its form alone; whoever shows or writes it needs no password for that. */
export function envelopeKind(text: string): EnvelopeKind {
  if (!text.startsWith("enc:v")) return "none";
  if (!text.startsWith(envelopePrefix)) return "unsupported";
  return envelopeParts(text) ? "v2" : "malformed";
}

/** Whether a value is an envelope, or begins like one: no write may touch it without looking inside. */
export function looksSealed(value: unknown): value is string {
  return typeof value === "string" && envelopeKind(value) !== "none";
}

/** @returns undefined unless all three parts decode and have their lengths */
export function envelopeParts(text: string): EnvelopeParts | undefined {
  if (!text.startsWith(envelopePrefix)) return undefined;
  const [nonce, sealed, salt, ...rest] = text.slice(envelopePrefix.length).split(":");
  if (nonce === undefined || sealed === undefined || salt === undefined || rest.length > 0) return undefined;
  if (![nonce, sealed, salt].every((part) => base64.test(part))) return undefined;
  const isRight =
    byteLength(nonce) === nonceBytes && byteLength(salt) === saltBytes && byteLength(sealed) >= tagBytes;
  return isRight ? { nonce, sealed, salt } : undefined;
}

function byteLength(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}
