import { refusedArchive } from "./refusal.ts";

/** What extended facts (POSIX pax) may change of the next entry; times and owners are read and dropped. */
export interface PaxFacts {
  readonly name?: Uint8Array;
  readonly size?: number;
}

/** Reads `<length> <key>=<value>\n` records. @throws StateError `bad_archive`, for sparse files and links too */
export function readPax(body: Uint8Array): PaxFacts {
  const facts: { name?: Uint8Array; size?: number } = {};
  for (let at = 0; at < body.length; ) {
    const { key, value, next } = record(body, at);
    if (key.startsWith("GNU.sparse")) throw refusedArchive("holds a sparse file");
    if (key === "linkpath") throw refusedArchive("holds a link");
    if (key === "path") facts.name = value;
    if (key === "size") facts.size = sizeOf(value);
    at = next;
  }
  return facts;
}

function record(body: Uint8Array, at: number) {
  const space = body.indexOf(0x20, at);
  const digits = Buffer.from(body.subarray(at, space < 0 ? at : space)).toString("latin1");
  const length = /^[1-9]\d{0,6}$/.test(digits) ? Number(digits) : 0;
  const next = at + length;
  const equals = body.indexOf(0x3d, space);
  if (length === 0 || next > body.length || body[next - 1] !== 0x0a || equals < 0 || equals >= next) {
    throw refusedArchive("has extended facts that cannot be read");
  }
  const key = Buffer.from(body.subarray(space + 1, equals)).toString("latin1");
  return { key, value: body.subarray(equals + 1, next - 1), next };
}

function sizeOf(value: Uint8Array): number {
  const text = Buffer.from(value).toString("latin1");
  const size = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw refusedArchive("has extended facts that cannot be read");
  return size;
}
