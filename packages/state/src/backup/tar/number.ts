import { refusedArchive } from "./refusal.ts";

/** Octal digits, then a space or NUL; or, with the first bit set, a big-endian number (GNU). */
export function readNumber(field: Uint8Array): number {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) return readBinary(field);
  const text = Buffer.from(field).toString("latin1");
  const digits = /^ *([0-7]+)[ \0]*$/.exec(text)?.[1];
  if (digits === undefined) throw refusedArchive("has a header with a number that is none");
  return Number.parseInt(digits, 8);
}

function readBinary(field: Uint8Array): number {
  if (field[0] !== 0x80) throw refusedArchive("has a header with a number out of range");
  const value = BigInt(`0x${Buffer.from(field.subarray(1)).toString("hex")}`);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw refusedArchive("has a header with a number out of range");
  return Number(value);
}

/** The number in a field of `width` bytes; binary if its octal digits would not fit. */
export function writeNumber(value: number, width: number): Uint8Array {
  const octal = value.toString(8);
  if (octal.length < width) return Buffer.from(`${octal.padStart(width - 1, "0")}\0`, "latin1");
  const field = Buffer.alloc(width);
  field.writeBigUInt64BE(BigInt(value), width - 8);
  field.writeUInt8(0x80, 0);
  return field;
}
