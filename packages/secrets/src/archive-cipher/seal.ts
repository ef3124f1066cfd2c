import { passwordKey } from "../envelope/password-key.ts";
import { encodeHead, mostPlainBytes, nonceBytes, saltBytes } from "./layout.ts";

export interface ArchiveSealing {
  readonly passphrase: string | Uint8Array;
  /** Random bytes; a salt and a nonce are made from them, never used twice. */
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * Encrypts an archive on its way (cli.md §3.9): AES-256-GCM without AAD under an Argon2id key of the passphrase. Piece
 * by piece, so that its size does not matter up to 64 GiB. @throws RangeError above that
 */
export async function* sealArchive(
  plain: AsyncIterable<Uint8Array>,
  { passphrase, random }: ArchiveSealing,
): AsyncGenerator<Uint8Array> {
  const { createCipheriv } = await import("node:crypto");
  const head = { salt: random(saltBytes), nonce: random(nonceBytes) };
  const key = await passwordKey(passphrase, head.salt);
  const cipher = createCipheriv("aes-256-gcm", key, head.nonce);
  key.fill(0);
  yield encodeHead(head);
  let length = 0;
  for await (const piece of plain) {
    length += piece.length;
    if (length > mostPlainBytes) throw new RangeError("an encrypted archive holds at most 64 GiB");
    yield cipher.update(piece);
  }
  yield cipher.final();
  yield cipher.getAuthTag();
}
