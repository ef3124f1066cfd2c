import type { Log } from "../log/log.ts";
import type { Span } from "./spans.ts";

export interface ExporterDeps {
  /** Sends one batch. Contract: rejects, or tells a status, if it was not taken. */
  readonly send: (spans: readonly Span[], signal: AbortSignal) => Promise<{ readonly status: number }>;
  readonly log: Log;
  /** 5000 ms, unless a test is in a hurry. */
  readonly flushAfterMs?: number;
}

/** Hands spans on in batches; what cannot be handed on is dropped and counted: tracing never holds work up. */
export interface Exporter extends AsyncDisposable {
  add(span: Span): void;
  /** Everything so far, sent or given up. */
  flush(): Promise<void>;
}

const maxBatch = 256;
const maxWaiting = 2048;
const sendTimeoutMs = 10_000;

export function createExporter({ send, log, flushAfterMs = 5000 }: ExporterDeps): Exporter {
  let waiting: Span[] = [];
  let timer: Timer | undefined;
  let sending = Promise.resolve();
  let dropped = 0;
  let isFailing = false;

  async function sendBatch(batch: readonly Span[]): Promise<void> {
    const why = await tryToSend(batch, send);
    if (why !== undefined) dropped += batch.length;
    // Said once when it begins and once when it is over: a collector may be away for days.
    if (why !== undefined && !isFailing) log.warn("traces could not be sent", { why, dropped });
    if (why === undefined && isFailing) log.info("traces are sent again", { dropped });
    isFailing = why !== undefined;
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += maxBatch) {
      const batch = all.slice(from, from + maxBatch);
      sending = sending.then(() => sendBatch(batch));
    }
    return sending;
  }

  return {
    add(span) {
      if (waiting.length >= maxWaiting) dropped += 1;
      else waiting.push(span);
      if (waiting.length >= maxBatch) void flush();
      else if (timer === undefined) {
        timer = setTimeout(() => void flush(), flushAfterMs);
        timer.unref();
      }
    },
    flush,
    [Symbol.asyncDispose]: flush,
  };
}

/** @returns why it was not taken; a collector that is busy is asked once more. */
async function tryToSend(batch: readonly Span[], send: ExporterDeps["send"]): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { status } = await send(batch, AbortSignal.timeout(sendTimeoutMs));
      if (status >= 200 && status < 300) return undefined;
      if (attempt > 1 || (status !== 429 && status < 502)) return `the collector answered ${status}`;
    } catch (error) {
      if (attempt > 1) return error instanceof Error ? error.name : "it cannot be reached";
    }
  }
}
