import { sealArtifact, sealedBytes } from "../crypto/artifact.ts";
import { type ArtifactPurpose, plainSidecarKey, type SessionKeys, sessionKeysOf } from "../crypto/keys.ts";
import { writeManifest } from "../crypto/manifest.ts";
import { manifestPath } from "../read/session-crypto.ts";
import type { PortableOutput, WriteOptions } from "../types.ts";
import { wholeFile } from "./json-file.ts";

/** How the files of sessions are written: as they are, or sealed; with sidecars or without (state.md §3.8, §3.9). */
export interface SessionSealing {
  /** The text of an artifact as it stands in its file. */
  seal(sessionId: string, purpose: ArtifactPurpose, text: string): string;
  /** How many bytes that will be. */
  sizeOf(text: string): number;
  /** Keys sidecars; none are written without. */
  readonly sidecarKey: Uint8Array | undefined;
  readonly manifest: PortableOutput | undefined;
}

export async function sessionSealing(options: WriteOptions): Promise<SessionSealing> {
  const { password, hmacSecret, randomBytes } = options;
  if (password === undefined || password === "") {
    const sidecarKey =
      hmacSecret === undefined || hmacSecret === "" ? undefined : plainSidecarKey(hmacSecret);
    const seal = (_id: string, _purpose: ArtifactPurpose, text: string) => text;
    return { seal, sizeOf: (text) => Buffer.byteLength(text), sidecarKey, manifest: undefined };
  }
  const salt = randomBytes(16);
  const keys: SessionKeys = await sessionKeysOf(password, salt);
  return {
    seal: (sessionId, purpose, text) =>
      sealArtifact(keys, { sessionId, purpose }, { text, nonce: randomBytes(12) }),
    sizeOf: (text) => sealedBytes(Buffer.byteLength(text)),
    sidecarKey: keys.sidecar,
    manifest: wholeFile(manifestPath, writeManifest(keys, salt)),
  };
}
