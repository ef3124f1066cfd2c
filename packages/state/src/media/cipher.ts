import { createCipheriv, createDecipheriv } from "node:crypto";
import { StateError } from "../errors.ts";

/** Plain bytes of one sealed piece. */
const pieceBytes = 64 * 1024;
const tagBytes = 16;

/** Bytes of a whole sealed piece on disk. */
export const sealedPieceBytes = pieceBytes + tagBytes;

/**
 * Seals bytes in pieces of 64 KiB with AES-256-GCM: the nonce is the piece's number, so a key serves one file only, and
 * the last piece says that it is, so that no piece can be moved, left out or cut off.
 */
export async function* sealPieces(key: Uint8Array, source: AsyncIterable<Uint8Array>) {
  let rest = Buffer.alloc(0);
  let number = 0;
  for await (const part of source) {
    rest = Buffer.concat([rest, part]);
    // The last piece is known only when nothing follows it.
    for (; rest.length > pieceBytes; rest = rest.subarray(pieceBytes))
      yield seal({ key, number: number++, isLast: false }, rest.subarray(0, pieceBytes));
  }
  yield seal({ key, number, isLast: true }, rest);
}

/** Opens what `sealPieces` made. @throws StateError `corrupt` at the first piece that does not verify */
export async function* openPieces(key: Uint8Array, source: AsyncIterable<Uint8Array>) {
  let rest = Buffer.alloc(0);
  let number = 0;
  for await (const part of source) {
    rest = Buffer.concat([rest, part]);
    for (; rest.length > sealedPieceBytes; rest = rest.subarray(sealedPieceBytes))
      yield open({ key, number: number++, isLast: false }, rest.subarray(0, sealedPieceBytes));
  }
  yield open({ key, number, isLast: true }, rest);
}

interface Piece {
  readonly key: Uint8Array;
  readonly number: number;
  readonly isLast: boolean;
}

function nonceOf({ number, isLast }: Piece): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt8(isLast ? 1 : 0, 0);
  nonce.writeUInt32BE(number, 8);
  return nonce;
}

function seal(piece: Piece, plain: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", piece.key, nonceOf(piece));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(piece: Piece, sealed: Buffer): Buffer {
  const end = sealed.length - tagBytes;
  try {
    const cipher = createDecipheriv("aes-256-gcm", piece.key, nonceOf(piece));
    cipher.setAuthTag(sealed.subarray(Math.max(0, end)));
    return Buffer.concat([cipher.update(sealed.subarray(0, Math.max(0, end))), cipher.final()]);
  } catch {
    throw new StateError(
      "corrupt",
      "A stored file was changed or cut off outside of this program: send it again.",
    );
  }
}
