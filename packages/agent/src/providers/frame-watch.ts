const lengthBytes = 4;
/** A prelude of 12 bytes, and the checksum at the end. */
const minFrameBytes = 16;

/**
 * Looks at the frames of an AWS event stream as they pass: no frame may be larger than its limit, which is asked before
 * anybody waits for the rest of it (agent.md §4.6). Their checksums are the SDK's to check.
 */
export class FrameWatch {
  readonly #maxFrameBytes: number;
  readonly #length = new Uint8Array(lengthBytes);
  #lengthSeen = 0;
  /** Of the frame that is passing. */
  #left = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  push(bytes: Uint8Array): "more" | "too_long" {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      this.#length[this.#lengthSeen] = bytes[at] ?? 0;
      this.#lengthSeen += 1;
      at += 1;
      if (this.#lengthSeen === lengthBytes && !this.#beginFrame()) return "too_long";
    }
    return "more";
  }

  #beginFrame(): boolean {
    const frameBytes = new DataView(this.#length.buffer).getUint32(0);
    this.#lengthSeen = 0;
    this.#left = frameBytes - lengthBytes;
    return frameBytes >= minFrameBytes && frameBytes <= this.#maxFrameBytes;
  }
}
