/** What one reader of the events may leave unread. */
export interface QueueLimits {
  readonly maxBufferedFrames: number;
  readonly maxBufferedBytes: number;
}

/** Texts on their way to one reader, as a stream of bytes that holds no more than its limits. */
export class TextQueue {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #limits: QueueLimits;
  readonly #onDone: () => void;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isEnded = false;
  #isDone = false;
  #wake: (() => void) | undefined;

  /** @param onDone the reader has everything, or went away; called once. */
  constructor(limits: QueueLimits, onDone: () => void) {
    this.#limits = limits;
    this.#onDone = onDone;
    // Nothing is made ahead: what waits stands in this queue, where it is counted and can be dropped.
    const strategy = { highWaterMark: 0 };
    const source = {
      pull: (controller: ReadableStreamDefaultController<Uint8Array>) => this.#pull(controller),
      cancel: () => this.forget(),
    };
    this.stream = new ReadableStream<Uint8Array>(source, strategy);
  }

  /** @returns false, without taking the text, if the reader leaves too much unread, or the queue was ended. */
  push(text: string): boolean {
    if (this.#isEnded) return false;
    const chunk = encoder.encode(text);
    const isFull =
      this.#waiting.length >= this.#limits.maxBufferedFrames ||
      this.#bytes + chunk.length > this.#limits.maxBufferedBytes;
    if (isFull) return false;
    this.#add(chunk);
    return true;
  }

  /** Takes one more text, and ends behind it. @param isSlow what waits is dropped first: nobody reads it. */
  end(last: string, { isSlow = false } = {}): void {
    if (this.#isEnded) return;
    if (isSlow) this.#drop();
    this.#isEnded = true;
    this.#add(encoder.encode(last));
  }

  /** Nobody is there to read it any more. */
  forget(): void {
    this.#isEnded = true;
    this.#drop();
    this.#done();
  }

  #done(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#onDone();
  }

  #add(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    this.#wake?.();
  }

  #drop(): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.#wake?.();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.#waiting.length === 0 && !this.#isEnded) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
      this.#wake = undefined;
    }
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.length;
      controller.enqueue(chunk);
    } else if (this.#isEnded) {
      controller.close();
      this.#done();
    }
  }
}

const encoder = new TextEncoder();
