import { CredentialStoreError } from "./error.ts";

const restMs = 30_000;

/**
 * Remembers that a store did not answer in time: for half a minute, and as long as a call of it is still under way,
 * it is not asked again. Whoever waited once does not wait for every account in turn.
 */
export class Rest {
  readonly #who: string;
  #untilMs = 0;
  #pending = 0;

  constructor(who: string) {
    this.#who = who;
  }

  /** @throws CredentialStoreError `store_timeout` while it rests */
  check(): void {
    if (this.#pending > 0 || performance.now() < this.#untilMs) throw this.#noAnswer();
  }

  /** It did not answer. @param late what may still come, and holds a thread until then @returns what to throw */
  start(late?: Promise<unknown>): CredentialStoreError {
    this.#untilMs = performance.now() + restMs;
    if (late !== undefined) {
      this.#pending += 1;
      const over = (): void => {
        this.#pending -= 1;
      };
      late.then(over, over);
    }
    return this.#noAnswer();
  }

  #noAnswer(): CredentialStoreError {
    const say = `${this.#who} did not answer in time: unlock it or start it again, and try again`;
    return new CredentialStoreError("store_timeout", say);
  }
}
