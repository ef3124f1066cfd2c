import { hkdfSync } from "node:crypto";
import { passwordKey } from "@carapace/secrets";

/** What of a session an artifact holds; each has a key of its own (state.md §3.8). */
export type ArtifactPurpose = "metadata" | "history" | "archive";

const rootSalt = "carapace:session-encryption-root:v1";

function derive(ikm: Uint8Array | string, salt: string, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", ikm, salt, info, 32));
}

/** Everything that opens, seals and checks the encrypted sessions of one directory. */
export interface SessionKeys {
  artifact(sessionId: string, purpose: ArtifactPurpose): Uint8Array;
  /** Keys the sidecars. */
  readonly sidecar: Uint8Array;
  /** Keys the manifest's tag. */
  readonly manifest: Uint8Array;
}

/** From the master key: 32 bytes of Argon2id. */
export function sessionKeys(master: Uint8Array): SessionKeys {
  // A history asks for the same key with every line.
  let last: { readonly info: string; readonly key: Uint8Array } | undefined;
  return {
    artifact: (sessionId, purpose) => {
      const info = `carapace:session-encryption-key:v1:${sessionId}:${purpose}`;
      if (last?.info !== info) last = { info, key: derive(master, rootSalt, info) };
      return last.key;
    },
    sidecar: derive(master, rootSalt, "carapace:session-integrity-hmac:v2"),
    manifest: derive(master, rootSalt, "carapace:session-manifest-integrity:v1"),
  };
}

/** About 0.15 s and 64 MiB. @param salt The manifest's 16 bytes. */
export async function sessionKeysOf(password: string, salt: Uint8Array): Promise<SessionKeys> {
  return sessionKeys(await passwordKey(password, salt));
}

/** The key of sidecars beside plaintext files, from the gateway's secret (state.md §3.9). */
export function plainSidecarKey(secret: string): Uint8Array {
  return derive(secret, "session-integrity-hmac-v1", "hmac-key");
}
