export interface RateLimits {
  /** Requests per second, sustained. */
  readonly messageRate: number;
  /** Requests at once. */
  readonly messageBurst: number;
  /** Refusals in a row that end the connection. */
  readonly rateLimitStrikes: number;
}

/** What becomes of one request: handled, refused, or the last straw. */
export type Toll = "pass" | "refuse" | "close";

/** The token bucket of one connection (websocket.md §8). A clock that goes back neither fills nor empties it. */
export class RateBucket {
  readonly #limits: RateLimits;
  #level: number;
  #atMs: number;
  #strikes = 0;

  constructor(limits: RateLimits, nowMs: number) {
    this.#limits = limits;
    this.#level = limits.messageBurst;
    this.#atMs = nowMs;
  }

  take(nowMs: number): Toll {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#level = Math.min(
      this.#limits.messageBurst,
      this.#level + (passedMs * this.#limits.messageRate) / 1000,
    );
    if (this.#level >= 1) {
      this.#level -= 1;
      this.#strikes = 0;
      return "pass";
    }
    this.#strikes += 1;
    return this.#strikes >= this.#limits.rateLimitStrikes ? "close" : "refuse";
  }
}
