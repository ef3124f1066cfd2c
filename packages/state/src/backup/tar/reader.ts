import { ByteReader } from "./bytes.ts";
import { foldedName, safeName } from "./entry-name.ts";
import { blockBytes, readHeader, type TarHeader } from "./header.ts";
import { type PaxFacts, readPax } from "./pax.ts";
import { refusedArchive } from "./refusal.ts";

/** One entry; its body is read before the next one is asked for, or skipped. */
export interface TarEntry {
  /** A plain path with `/`, unique in the archive also where case does not count. */
  readonly name: string;
  readonly kind: "file" | "folder";
  /** In bytes; 0 for a folder. */
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface TarLimits {
  readonly mostEntries: number;
  /** All bodies together, in bytes. */
  readonly mostBytes: number;
}

/** Long names and extended facts are held in memory. */
const mostExtraBytes = 64 * 1024;
const mostPaddingBytes = 1024 * 1024;

/**
 * Reads a tar archive strictly: plain files and folders only, in the forms ustar, GNU (long names) and pax. Links,
 * devices, sparse files, names that are not safe or come twice, wrong checksums, what is cut off and what follows the
 * end are refused. @throws StateError `bad_archive`
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: TarLimits,
): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(source);
  try {
    const names = new Names(limits);
    for (;;) {
      const header = await nextHeader(bytes, names);
      if (header === undefined) return;
      const entry = judged(header, names);
      const body = new Body(bytes, header.size);
      yield { ...entry, body: body.pieces() };
      await body.skip();
    }
  } finally {
    await bytes.close();
  }
}

/** The next entry's header, with what stood before it about its name and size. @returns undefined after a proper end */
async function nextHeader(bytes: ByteReader, names: Names): Promise<TarHeader | undefined> {
  let extra: PaxFacts = {};
  for (;;) {
    const block = await bytes.exactly(blockBytes);
    if (block === undefined) throw refusedArchive("is cut short");
    if (block.every((byte) => byte === 0)) {
      await assertEnd(bytes);
      return undefined;
    }
    const header = readHeader(block);
    names.count();
    if (header.type === "L") extra = { ...extra, name: withoutNul(await whole(bytes, header.size)) };
    else if (header.type === "x") extra = { ...extra, ...readPax(await whole(bytes, header.size)) };
    else if (header.type === "g") assertHarmless(readPax(await whole(bytes, header.size)));
    else return { ...header, ...extra };
  }
}

function assertHarmless(facts: PaxFacts): void {
  if (facts.name !== undefined || facts.size !== undefined) {
    throw refusedArchive("has extended facts that cannot be read");
  }
}

async function whole(bytes: ByteReader, size: number): Promise<Uint8Array> {
  if (size > mostExtraBytes) throw refusedArchive("has a name or extended facts that are too long");
  const body = new Body(bytes, size);
  const parts: Uint8Array[] = [];
  for await (const piece of body.pieces()) parts.push(piece);
  await body.skip();
  return Buffer.concat(parts);
}

function withoutNul(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
}

/** The two empty blocks of the end, and nothing but a little padding after them. */
async function assertEnd(bytes: ByteReader): Promise<void> {
  let length = blockBytes;
  for (;;) {
    const piece = await bytes.upTo(64 * 1024);
    if (piece === undefined) break;
    length += piece.length;
    if (length > mostPaddingBytes || piece.some((byte) => byte !== 0)) {
      throw refusedArchive("has something after its end");
    }
  }
  if (length < 2 * blockBytes) throw refusedArchive("is cut short");
}

const refusedTypes: Readonly<Record<string, string>> = {
  "1": "a link",
  "2": "a link",
  "3": "a device",
  "4": "a device",
  "6": "a pipe",
  K: "a link",
  S: "a sparse file",
};

function judged(header: TarHeader, names: Names): Pick<TarEntry, "name" | "kind" | "size"> {
  const { type, size } = header;
  const refused = refusedTypes[type];
  const name = safeName(header.name);
  if (refused !== undefined) throw refusedArchive(`holds ${refused} (${name})`);
  const isFolder = type === "5";
  if (type !== "0" && type !== "\0" && !isFolder) throw refusedArchive(`holds something unknown (${name})`);
  if (isFolder ? size !== 0 : header.name.at(-1) === 0x2f)
    throw refusedArchive(`holds a folder that is none (${name})`);
  names.add(name, isFolder, size);
  return { name, kind: isFolder ? "folder" : "file", size };
}

/** What has been in the archive so far. */
class Names {
  readonly #limits: TarLimits;
  /** Folded names of files and of folders, also of those that only lie on the way to one. */
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #onTheWay = new Set<string>();
  #headers = 0;
  #bytes = 0;

  constructor(limits: TarLimits) {
    this.#limits = limits;
  }

  count(): void {
    this.#headers += 1;
    // A long name or extended facts have a header of their own.
    if (this.#headers > 3 * this.#limits.mostEntries) throw this.#tooMany();
  }

  add(name: string, isFolder: boolean, size: number): void {
    this.#bytes += size;
    if (this.#bytes > this.#limits.mostBytes) {
      throw refusedArchive(`would be larger than ${this.#limits.mostBytes} bytes when unpacked`);
    }
    const folded = foldedName(name);
    const isTaken = this.#files.has(folded) || (isFolder ? this.#folders : this.#onTheWay).has(folded);
    if (isTaken || (!isFolder && this.#folders.has(folded)))
      throw refusedArchive(`holds a name twice (${name})`);
    for (let at = folded.indexOf("/"); at >= 0; at = folded.indexOf("/", at + 1)) {
      const above = folded.slice(0, at);
      if (this.#files.has(above)) throw refusedArchive(`holds a name twice (${name})`);
      this.#onTheWay.add(above);
    }
    (isFolder ? this.#folders : this.#files).add(folded);
    if (this.#files.size + this.#folders.size > this.#limits.mostEntries) throw this.#tooMany();
  }

  #tooMany() {
    return refusedArchive(`holds more than ${this.#limits.mostEntries} entries`);
  }
}

/** The bytes of one entry, and the padding behind them. */
class Body {
  readonly #bytes: ByteReader;
  readonly #padding: number;
  #left: number;

  constructor(bytes: ByteReader, size: number) {
    this.#bytes = bytes;
    this.#left = size;
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const piece = await this.#bytes.upTo(this.#left);
      if (piece === undefined) throw refusedArchive("is cut short");
      this.#left -= piece.length;
      yield piece;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this.pieces()) {
      // Only what comes next matters.
    }
    const padding = this.#padding === 0 ? new Uint8Array() : await this.#bytes.exactly(this.#padding);
    if (padding === undefined) throw refusedArchive("is cut short");
  }
}
