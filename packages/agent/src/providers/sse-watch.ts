const lineFeed = 10;
const headBytes = 32;

/**
 * Looks at an event stream's bytes as they pass, without decoding them: how long its lines are, and whether the line
 * that ends it came (agent.md §4.1, §4.4).
 */
export class SseWatch {
  readonly #maxLineBytes: number;
  #lineBytes = 0;
  #head = "";

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** @returns `done` once the line `data: [DONE]` has passed, whole. */
  push(bytes: Uint8Array): "more" | "done" | "too_long" {
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(lineFeed, start);
      const part = bytes.subarray(start, end < 0 ? bytes.length : end);
      if (this.#take(part) > this.#maxLineBytes) return "too_long";
      if (end < 0) return "more";
      if (this.#endLine()) return "done";
      start = end + 1;
    }
    return "more";
  }

  #take(part: Uint8Array): number {
    if (this.#lineBytes < headBytes) {
      this.#head += String.fromCharCode(...part.subarray(0, headBytes - this.#lineBytes));
    }
    this.#lineBytes += part.length;
    return this.#lineBytes;
  }

  #endLine(): boolean {
    const isDone = this.#lineBytes <= headBytes && /^data: ?\[DONE\]\s*$/.test(this.#head);
    this.#lineBytes = 0;
    this.#head = "";
    return isDone;
  }
}
