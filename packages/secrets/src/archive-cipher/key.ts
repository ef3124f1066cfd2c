import type { KeyObject } from "node:crypto";
import { passwordKey } from "../envelope/password-key.ts";

/** What a passphrase and a salt stand for: another archive may be sealed with it, under a nonce of its own. */
export interface ArchiveKey {
  readonly salt: Uint8Array;
  readonly key: KeyObject;
}

/** The key of a passphrase under a salt; about 0.15 s and 64 MiB. */
export async function archiveKey(passphrase: string | Uint8Array, salt: Uint8Array): Promise<ArchiveKey> {
  const { createSecretKey } = await import("node:crypto");
  const bytes = await passwordKey(passphrase, salt);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { salt, key };
}
