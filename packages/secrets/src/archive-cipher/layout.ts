/**
 * How an encrypted archive begins (cli.md §3.9): magic, version, salt, nonce; then ciphertext, then the tag.
 */
const magic = Buffer.from("CRPC_ENC");
const version = 2;
export const saltBytes = 32;
export const nonceBytes = 12;
/** Length of the tag at the end, in bytes. */
export const tagBytes = 16;
const saltAt = magic.length + 1;
const nonceAt = saltAt + saltBytes;
/** Length of everything before the ciphertext, in bytes. */
export const headBytes = nonceAt + nonceBytes;

/** Most bytes one nonce of AES-GCM may encrypt. */
export const mostPlainBytes = 2 ** 36 - 32;

export interface ArchiveHead {
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
}

/** What stands at the start of a file. `plain`: it is no encrypted archive. */
export type ReadHead =
  | { readonly kind: "plain" }
  | { readonly kind: "sealed"; readonly head: ArchiveHead }
  /** `short`: cut off; `old`: version 1, whose key was made too cheaply; `newer`: a version nobody knows here. */
  | { readonly kind: "short" | "old" | "newer" };

export function encodeHead({ salt, nonce }: ArchiveHead): Uint8Array {
  if (salt.length !== saltBytes || nonce.length !== nonceBytes) {
    throw new RangeError(`an archive has a salt of ${saltBytes} bytes and a nonce of ${nonceBytes}`);
  }
  return Buffer.concat([magic, Uint8Array.of(version), salt, nonce]);
}

/** @param start the first {@link headBytes} bytes, or all of a shorter file; @param size of the file, in bytes */
export function readHead(start: Uint8Array, size: number): ReadHead {
  const bytes = Buffer.from(start);
  if (!bytes.subarray(0, magic.length).equals(magic)) return { kind: "plain" };
  const found = bytes[magic.length];
  if (found === 1) return { kind: "old" };
  if (found !== undefined && found !== version) return { kind: "newer" };
  // The contract counts 53 bytes; without room for the tag behind them nothing can be verified either.
  if (bytes.length < headBytes || size < headBytes + tagBytes) return { kind: "short" };
  return {
    kind: "sealed",
    head: { salt: bytes.subarray(saltAt, nonceAt), nonce: bytes.subarray(nonceAt, headBytes) },
  };
}
