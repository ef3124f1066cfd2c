import { maxLineBytes } from "../paths.ts";

/** A line of a file; `text` is missing if it is too long or not UTF-8. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text?: string;
  readonly why?: "is too long" | "is not UTF-8";
}

const newline = 10;

/** Cuts bytes into lines without holding more than one of them, nor one that is too long; empty lines are left out. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limit: number = maxLineBytes,
): AsyncGenerator<Line> {
  const pending = new PendingLine(limit);
  let number = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      pending.add(chunk.subarray(start, end));
      start = end + 1;
      const line = pending.take(++number);
      if (line !== undefined) yield line;
    }
    pending.add(chunk.subarray(start));
  }
  const last = pending.take(++number);
  if (last !== undefined) yield last;
}

class PendingLine {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    // Copied: whoever gave the bytes may use their memory again.
    if (this.#size <= this.#limit) this.#parts.push(bytes.slice());
    else this.#parts = [];
  }

  take(number: number): Line | undefined {
    const size = this.#size;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    if (size > this.#limit) return { number, why: "is too long" };
    const text = decoded(bytes);
    if (text === undefined) return { number, why: "is not UTF-8" };
    return text.trim() === "" ? undefined : { number, text };
  }
}

const strict = new TextDecoder("utf-8", { fatal: true });

/** @returns undefined for bytes that are not UTF-8 */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
