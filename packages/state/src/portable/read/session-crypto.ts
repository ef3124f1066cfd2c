import { type ArtifactPlace, looksEncrypted, openArtifact } from "../crypto/artifact.ts";
import { plainSidecarKey, type SessionKeys, sessionKeysOf } from "../crypto/keys.ts";
import { checkManifest, parseManifest } from "../crypto/manifest.ts";
import { maxBytes } from "../paths.ts";
import type { ReadOptions } from "../types.ts";
import type { SourceFiles } from "./files.ts";

/** What opens and checks the sessions of one directory. */
export interface SessionCrypto {
  /** Whether the directory's sessions are encrypted: plaintext among them is worth a word. */
  readonly isEncrypted: boolean;
  /** Every key its sidecars may have been made with, those that prove something first. */
  readonly sidecarKeys: readonly Uint8Array[];
  /** How many of them prove something. */
  readonly provingKeys: number;
  /** @returns the text; undefined if it does not open with the keys there are */
  open(place: ArtifactPlace, text: string): string | undefined;
  /** Why nothing encrypted can be opened; undefined if it can. */
  readonly locked: string | undefined;
}

export const manifestPath = "sessions/.crypto-manifest";

/** Derives the keys, at most once, and checks them against the manifest (state.md §3.8). */
export async function sessionCrypto(files: SourceFiles, options: ReadOptions): Promise<SessionCrypto> {
  const [own, others] = [options.ownHmacSecrets, options.hmacSecrets].map((secrets = []) =>
    secrets.filter((secret) => secret !== "").map(plainSidecarKey),
  );
  const found = await unlock(files, options.password);
  const keys = typeof found === "object" ? found : undefined;
  const proving = [...(keys === undefined ? [] : [keys.sidecar]), ...(own ?? [])];
  return {
    isEncrypted: files.has(manifestPath),
    sidecarKeys: [...proving, ...(others ?? [])],
    provingKeys: proving.length,
    open: (place, text) => (keys === undefined ? undefined : openArtifact(keys, place, text)),
    locked: typeof found === "string" ? found : undefined,
  };
}

async function unlock(files: SourceFiles, password: string | undefined): Promise<SessionKeys | string> {
  if (!files.has(manifestPath)) {
    return `${manifestPath} is missing, without which no password opens it: restore it from a backup.`;
  }
  const refusal = files.refusal(manifestPath, maxBytes.manifest, "sessions");
  const text = refusal === undefined ? (await files.whole(manifestPath, maxBytes.manifest))?.text : undefined;
  const manifest = text === undefined ? undefined : parseManifest(text);
  if (manifest === undefined) return `${manifestPath} cannot be read: restore it from a backup.`;
  if (password === undefined || password === "") {
    return "It is encrypted: set CARAPACE_CONFIG_PASSWORD to the password it was written with.";
  }
  const keys = await sessionKeysOf(password, manifest.salt);
  const verdict = checkManifest(keys, manifest);
  if (verdict === "valid" || (verdict === "untagged" && (await opensOne(files, keys)))) return keys;
  return "The password does not fit, or the manifest was changed.";
}

/** Whether the keys open at least one artifact there is: then a manifest without a tag is believed. */
async function opensOne(files: SourceFiles, keys: SessionKeys): Promise<boolean> {
  for (const path of files.paths()) {
    const sessionId = /^sessions\/([A-Za-z0-9_-]+)\.json$/.exec(path)?.[1];
    if (sessionId === undefined || files.refusal(path, maxBytes.metadata, "sessions") !== undefined) continue;
    const text = (await files.whole(path, maxBytes.metadata))?.text ?? "";
    if (!looksEncrypted(text)) continue;
    return openArtifact(keys, { sessionId, purpose: "metadata" }, text) !== undefined;
  }
  return false;
}
