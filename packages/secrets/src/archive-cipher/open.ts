import type { KeyObject } from "node:crypto";
import { type ArchiveKey, archiveKey } from "./key.ts";
import { type ArchiveHead, headBytes, tagBytes } from "./layout.ts";

/** An archive file that stays open, so that every pass reads the same bytes' owner. */
export interface ArchiveBytes {
  /** In bytes. */
  readonly size: number;
  /** The bytes from `from` up to `to`, in pieces of its own choice. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Thrown at the end of the bytes: the passphrase is another one, or a byte was changed. Nothing tells the two apart. */
export class ArchiveTagError extends Error {
  constructor() {
    super("the passphrase is wrong, or the archive is damaged");
    this.name = "ArchiveTagError";
  }
}

/** An archive whose tag was verified once. */
export interface OpenedArchive {
  readonly key: ArchiveKey;
  /** The plain bytes; verified again on the way: whoever keeps them waits for the end. @throws ArchiveTagError */
  plain(): AsyncIterable<Uint8Array>;
}

export interface OpenArchive {
  readonly head: ArchiveHead;
  readonly passphrase: string | Uint8Array;
}

/**
 * Opens an encrypted archive: one pass over the whole of it verifies the tag before anybody sees a byte.
 * @throws ArchiveTagError
 */
export async function openArchive(
  bytes: ArchiveBytes,
  { head, passphrase }: OpenArchive,
): Promise<OpenedArchive> {
  const key = await archiveKey(passphrase, head.salt);
  const plain = () => decrypted(bytes, key.key, head.nonce);
  for await (const _ of plain()) {
    // Only the tag matters here.
  }
  return { key, plain };
}

async function* decrypted(
  bytes: ArchiveBytes,
  key: KeyObject,
  nonce: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const { createDecipheriv } = await import("node:crypto");
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  const end = bytes.size - tagBytes;
  const tag: Uint8Array[] = [];
  for await (const piece of bytes.read(end, bytes.size)) tag.push(piece);
  const whole = Buffer.concat(tag);
  if (whole.length !== tagBytes) throw new ArchiveTagError();
  decipher.setAuthTag(whole);
  for await (const piece of bytes.read(headBytes, end)) yield decipher.update(piece);
  try {
    decipher.final();
  } catch {
    throw new ArchiveTagError();
  }
}
