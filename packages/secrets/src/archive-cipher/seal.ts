import { type ArchiveKey, archiveKey } from "./key.ts";
import { encodeHead, mostPlainBytes, nonceBytes, saltBytes } from "./layout.ts";

export interface ArchiveSealing {
  /** A passphrase, or the key of an archive that was opened with the same one: it need not be derived again. */
  readonly secret: string | Uint8Array | ArchiveKey;
  /** Random bytes; a nonce is made from them, and the salt of a passphrase, never used twice. */
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * Encrypts an archive on its way (cli.md §3.9): AES-256-GCM without AAD under an Argon2id key of the passphrase. Piece
 * by piece, so that its size does not matter up to 64 GiB. @throws RangeError above that
 */
export async function* sealArchive(
  plain: AsyncIterable<Uint8Array>,
  { secret, random }: ArchiveSealing,
): AsyncGenerator<Uint8Array> {
  const { createCipheriv } = await import("node:crypto");
  const { salt, key } = isKey(secret) ? secret : await archiveKey(secret, random(saltBytes));
  const nonce = random(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  yield encodeHead({ salt, nonce });
  let length = 0;
  for await (const piece of plain) {
    length += piece.length;
    if (length > mostPlainBytes) throw new RangeError("an encrypted archive holds at most 64 GiB");
    yield cipher.update(piece);
  }
  yield cipher.final();
  yield cipher.getAuthTag();
}

function isKey(secret: ArchiveSealing["secret"]): secret is ArchiveKey {
  return typeof secret === "object" && "salt" in secret;
}
