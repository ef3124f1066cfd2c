import { blockBytes } from "../tar/header.ts";
import { writeNumber } from "../tar/number.ts";
import type { TarEntry } from "../tar/reader.ts";

/** An entry as an attacker would write it: nothing of it is checked. */
export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly body?: Uint8Array;
  /** Another size than the body has. */
  readonly size?: number;
  readonly type?: string;
  readonly link?: string;
  readonly prefix?: string;
  readonly magic?: string;
}

/** A tar archive of these entries with right checksums and a proper end. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(rawEntry), new Uint8Array(2 * blockBytes)]);
}

function rawEntry(entry: RawEntry): Uint8Array[] {
  const name = Buffer.from(entry.name);
  const body = entry.body ?? new Uint8Array();
  const long = name.length > 100 ? rawEntry({ name: "././@LongLink", type: "L", body: name }) : [];
  const block = Buffer.alloc(blockBytes);
  block.set(name.subarray(0, 100), 0);
  block.write("0000600\0", 100);
  block.set(writeNumber(entry.size ?? body.length, 12), 124);
  block.write("00000000000\0", 136);
  block.write("        ", 148);
  block.write(entry.type ?? "0", 156);
  block.write(entry.link ?? "", 157);
  block.write(entry.magic ?? "ustar  \0", 257);
  block.write(entry.prefix ?? "", 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [...long, block, body, new Uint8Array((blockBytes - (body.length % blockBytes)) % blockBytes)];
}

/** Bytes in pieces of a size. */
export async function* given(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All pieces as one. */
export async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Name and text of every file. */
export async function listed(entries: AsyncIterable<TarEntry>): Promise<[string, string][]> {
  const all: [string, string][] = [];
  for await (const entry of entries) all.push([entry.name, (await collected(entry.body)).toString()]);
  return all;
}
