import { z } from "zod";
import type { Raw } from "./tampering.ts";

/** A byte of a record: where it lies, and what it is a part of. */
export interface Place {
  /** The table or index. */
  readonly of: string;
  readonly page: number;
  readonly at: number;
  readonly part: "header" | "payload";
}

/** A byte that gets another value. */
export interface Flip extends Place {
  readonly value: number;
}

const LeafRow = z.object({ name: z.string(), pageno: z.number() });
const DataRow = z.object({ data: z.instanceof(Uint8Array) });

/** The bytes of all records on a few leaf pages of each table and index. */
export function recordBytes(raw: Raw, pagesOfEach: number): Place[] {
  const leaves = z
    .array(LeafRow)
    .parse(raw.prepare("SELECT name, pageno FROM dbstat WHERE pagetype = 'leaf' AND ncell > 0").all([]));
  const counts = new Map<string, number>();
  return leaves.flatMap(({ name, pageno }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count > pagesOfEach ? [] : [...placesOn(readPage(raw, pageno), { of: name, page: pageno })];
  });
}

/** Changes one byte of the decrypted page; the engine encrypts it again. */
export function flip(raw: Raw, { page, at, value }: Flip): void {
  const bytes = readPage(raw, page);
  bytes[at] = value;
  raw.prepare("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?").run([bytes, page]);
}

/** What a byte becomes: in a header often the sign of a text column, which is what a binding trips over. */
export function newValue(random: () => number, old: number, part: Place["part"]): number {
  const any = Math.floor(random() * 256);
  const text = 13 + 2 * Math.floor(random() * 57);
  const value = part === "header" && random() < 0.5 ? text : any;
  return value === old ? old ^ 1 : value;
}

export function readPage(raw: Raw, page: number): Buffer {
  return Buffer.from(
    DataRow.parse(raw.prepare("SELECT data FROM sqlite_dbpage WHERE pgno = ?").get([page])).data,
  );
}

const tableLeaf = 13;

// The file format of SQLite, "B-tree pages" and "record format".
function* placesOn(bytes: Buffer, { of, page }: Pick<Place, "of" | "page">): Generator<Place> {
  const start = page === 1 ? 100 : 0;
  const isTable = bytes[start] === tableLeaf;
  for (let cell = 0; cell < bytes.readUInt16BE(start + 3); cell++) {
    const from = bytes.readUInt16BE(start + 8 + 2 * cell);
    const size = varint(bytes, from);
    const rowid = isTable ? varint(bytes, size.end) : size;
    const header = varint(bytes, rowid.end);
    const bodyAt = rowid.end + header.value;
    const end = Math.min(rowid.end + size.value, bytes.length);
    for (let at = from; at < end; at++) yield { of, page, at, part: at < bodyAt ? "header" : "payload" };
  }
}

function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let n = 0; n < 8; n++) {
    const byte = bytes[at + n] ?? 0;
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, end: at + n + 1 };
  }
  return { value: value * 256 + (bytes[at + 8] ?? 0), end: at + 9 };
}
