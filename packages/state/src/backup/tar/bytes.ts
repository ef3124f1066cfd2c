import { refusedArchive } from "./refusal.ts";

/** Takes bytes off a stream in portions of the reader's choice; never holds more than one piece and one portion. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes. @returns undefined at the end of the stream. @throws StateError `bad_archive` in between */
  async exactly(length: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length >= length) return this.#take(length);
    const parts: Uint8Array[] = [];
    let have = 0;
    while (have < length) {
      const some = await this.upTo(length - have);
      if (some === undefined) {
        if (have === 0) return undefined;
        throw refusedArchive("is cut short");
      }
      parts.push(some);
      have += some.length;
    }
    return Buffer.concat(parts);
  }

  /** What is there, at most `length` bytes. @returns undefined at the end of the stream */
  async upTo(length: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return undefined;
      this.#rest = next.value;
    }
    return this.#take(Math.min(length, this.#rest.length));
  }

  /** Lets go of the stream before its end. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  #take(length: number): Uint8Array {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}
