/** The end of a request's time, and who called it off. */
export interface Deadline extends Disposable {
  /** Fires when the time is over, or when the caller gives up. */
  readonly signal: AbortSignal;
  /** Which of the two happened, if one did. */
  readonly failure: () => "timeout" | "aborted" | undefined;
  /** For headers: called when they are there, so that only the whole time still counts. */
  readonly headersCame: () => void;
}

/** From the start of a request to the last byte of its answer; headers have to come within `headerTimeoutMs`. */
export function startDeadline(
  { timeoutMs, headerTimeoutMs }: { readonly timeoutMs: number; readonly headerTimeoutMs: number },
  given?: AbortSignal,
): Deadline {
  const limit = new AbortController();
  let failure: "timeout" | "aborted" | undefined;
  const end = (why: "timeout" | "aborted") => {
    failure ??= why;
    limit.abort();
  };
  const late = () => end("timeout");
  const whole = setTimeout(late, timeoutMs);
  const headers = setTimeout(late, headerTimeoutMs);
  const giveUp = () => end("aborted");
  given?.addEventListener("abort", giveUp, { once: true });
  if (given?.aborted === true) giveUp();
  return {
    signal: limit.signal,
    failure: () => failure,
    headersCame: () => clearTimeout(headers),
    [Symbol.dispose]: () => {
      clearTimeout(whole);
      clearTimeout(headers);
      given?.removeEventListener("abort", giveUp);
    },
  };
}
