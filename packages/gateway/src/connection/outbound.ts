/** The part of a server-side WebSocket that a connection uses. */
export interface Socket {
  /** @returns -1 when the text had to be queued. */
  sendText(text: string): number;
  /** Bytes accepted but not yet handed to the operating system. */
  getBufferedAmount(): number;
  close(code: number, reason: string): void;
}

export interface QueueLimits {
  readonly maxBufferedFrames: number;
  readonly maxBufferedBytes: number;
}

/**
 * Keeps account of what waits to be sent on one socket (websocket.md §8). As long as the peer reads, it costs one
 * look at a counter per frame.
 */
export class Outbound {
  readonly #socket: Socket;
  readonly #limits: QueueLimits;
  /** Sizes of the frames that wait, oldest first. */
  #waiting: number[] = [];
  #waitingBytes = 0;

  constructor(socket: Socket, limits: QueueLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /**
   * Sends a text frame.
   * @param bytes Its size, if the caller knows it.
   * @returns false, without sending, if the queue would grow above its limits: the peer does not read.
   */
  send(text: string, bytes?: number): boolean {
    const buffered = this.#socket.getBufferedAmount();
    if (buffered === 0) {
      if (this.#waiting.length > 0) this.#forget();
      if (this.#socket.sendText(text) === -1) this.#remember(bytes ?? Buffer.byteLength(text));
      return true;
    }
    const size = bytes ?? Buffer.byteLength(text);
    this.#settle(buffered);
    if (this.#waiting.length >= this.#limits.maxBufferedFrames) return false;
    if (buffered + size > this.#limits.maxBufferedBytes) return false;
    this.#socket.sendText(text);
    this.#remember(size);
    return true;
  }

  #remember(size: number): void {
    this.#waiting.push(size);
    this.#waitingBytes += size;
  }

  #forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Strikes off the frames that have left since: the newest ones make up what is still buffered. */
  #settle(buffered: number): void {
    let gone = 0;
    for (const size of this.#waiting) {
      if (this.#waitingBytes - size < buffered) break;
      this.#waitingBytes -= size;
      gone += 1;
    }
    if (gone > 0) this.#waiting.splice(0, gone);
  }
}
