import { readNumber, writeNumber } from "./number.ts";
import { refusedArchive } from "./refusal.ts";

/** Everything in a tar file is padded to blocks of this many bytes. */
export const blockBytes = 512;

/** Where the fields lie; the name's prefix (ustar) is used when `magic` says so. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/** One header block as it stands in the archive; nothing in it is judged but its checksum. */
export interface TarHeader {
  readonly name: Uint8Array;
  readonly size: number;
  /** One character: `0` a file, `5` a folder, `L` a long name, `x` extended facts, … */
  readonly type: string;
}

/** @throws StateError `bad_archive` if the checksum or a number is wrong */
export function readHeader(block: Uint8Array): TarHeader {
  if (readNumber(part(block, "checksum")) !== checksumOf(block)) {
    throw refusedArchive("is damaged (a header does not match its checksum)");
  }
  const magic = Buffer.from(part(block, "magic")).toString("latin1");
  const prefix = magic.startsWith("ustar\0") ? untilNul(part(block, "prefix")) : new Uint8Array();
  const name = untilNul(part(block, "name"));
  return {
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]),
    size: readNumber(part(block, "size")),
    type: Buffer.from(part(block, "type")).toString("latin1"),
  };
}

/** What a header that we write says. */
export interface NewHeader {
  /** At most 100 bytes. */
  readonly name: Uint8Array;
  readonly size: number;
  readonly type: "0" | "L";
  readonly mode: number;
  readonly modifiedMs: number;
}

/** A header in the GNU form, which the reference writes and reads. */
export function writeHeader(header: NewHeader): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  const put = (field: keyof typeof fields, bytes: Uint8Array): void => {
    block.set(bytes.subarray(0, fields[field][1]), fields[field][0]);
  };
  put("name", header.name);
  put("mode", writeNumber(header.mode, 8));
  put("uid", writeNumber(0, 8));
  put("gid", writeNumber(0, 8));
  put("size", writeNumber(header.size, 12));
  put("mtime", writeNumber(Math.max(0, Math.floor(header.modifiedMs / 1000)), 12));
  put("type", Buffer.from(header.type, "latin1"));
  put("magic", Buffer.from("ustar  \0", "latin1"));
  put("checksum", Buffer.from(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, "latin1"));
  return block;
}

function part(block: Uint8Array, field: keyof typeof fields): Uint8Array {
  const [at, length] = fields[field];
  return block.subarray(at, at + length);
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** The sum of all bytes, those of the checksum itself counted as spaces. */
function checksumOf(block: Uint8Array): number {
  const [at, length] = fields.checksum;
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= at && index < at + length ? 0x20 : byte;
  return sum;
}
