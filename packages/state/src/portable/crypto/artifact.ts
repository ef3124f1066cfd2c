import { createCipheriv, createDecipheriv } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../database/stored.ts";
import type { ArtifactPurpose, SessionKeys } from "./keys.ts";

/** What every encrypted artifact begins with (state.md §3.8). */
const artifactPrefix = "cse1:";

const nonceBytes = 12;
const tagBytes = 16;

const Envelope = z.object({ format: z.literal("session-enc-v1"), n: z.base64(), c: z.base64() });

/** Which artifact a text is: it opens only as the same one. */
export interface ArtifactPlace {
  readonly sessionId: string;
  readonly purpose: ArtifactPurpose;
}

export function looksEncrypted(text: string): boolean {
  return text.startsWith(artifactPrefix);
}

function aad({ sessionId, purpose }: ArtifactPlace): Buffer {
  return Buffer.from(`carapace:session:${purpose}:v1:${sessionId}`);
}

/** @param nonce 12 bytes, never used before with this key. */
export function sealArtifact(
  keys: SessionKeys,
  place: ArtifactPlace,
  { text, nonce }: { readonly text: string; readonly nonce: Uint8Array },
): string {
  if (nonce.length !== nonceBytes) throw new RangeError(`a nonce has ${nonceBytes} bytes`);
  const key = keys.artifact(place.sessionId, place.purpose);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad(place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  const n = Buffer.from(nonce).toString("base64");
  return `${artifactPrefix}${JSON.stringify({ format: "session-enc-v1", n, c: sealed.toString("base64") })}`;
}

/** How long `sealArtifact` makes a text of so many bytes. */
export function sealedBytes(textBytes: number): number {
  const empty = `${artifactPrefix}${JSON.stringify({ format: "session-enc-v1", n: "", c: "" })}`;
  return empty.length + base64Length(nonceBytes) + base64Length(textBytes + tagBytes);
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** @returns undefined if it is none, was changed, belongs elsewhere, or has another key. */
export function openArtifact(keys: SessionKeys, place: ArtifactPlace, text: string): string | undefined {
  const parsed = Envelope.safeParse(parseJson(text.slice(artifactPrefix.length)));
  if (!looksEncrypted(text) || !parsed.success) return undefined;
  const nonce = Buffer.from(parsed.data.n, "base64");
  const sealed = Buffer.from(parsed.data.c, "base64");
  if (nonce.length !== nonceBytes || sealed.length < tagBytes) return undefined;
  const end = sealed.length - tagBytes;
  try {
    const decipher = createDecipheriv("aes-256-gcm", keys.artifact(place.sessionId, place.purpose), nonce)
      .setAAD(aad(place))
      .setAuthTag(sealed.subarray(end));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return undefined;
  }
}
