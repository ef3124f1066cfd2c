/** Keeps proxies and clients from giving up a stream on which nothing happens. */
const ping = ": ping\n\n";

export interface SseOptions {
  /** Of silence. */
  readonly pingMs: number;
  /** The reader is gone. */
  readonly onCancel: () => void;
}

/** Pure. One event: a line of data (which holds no line break: it is JSON), after a line with its name if it has one. */
export function frame(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}

/** A stream of server-sent events (http.md §11.1). The next frame is made only when the reader takes it. */
export function sseAnswer(frames: AsyncIterable<string>, options: SseOptions): Response {
  const body = new ReadableStream<Uint8Array>(sourceOf(frames[Symbol.asyncIterator](), options), {
    highWaterMark: 1,
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-cache",
      Connection: "keep-alive",
      "X-Accel-Buffering": "no",
    },
  });
}

function sourceOf(frames: AsyncIterator<string>, { pingMs, onCancel }: SseOptions) {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string>> | undefined;
  return {
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      next ??= frames.next();
      const come = await within(pingMs, next);
      if (come === undefined) {
        controller.enqueue(encoder.encode(ping));
        return;
      }
      next = undefined;
      if (come.done === true) controller.close();
      else controller.enqueue(encoder.encode(come.value));
    },
    cancel: () => onCancel(),
  };
}

/** @returns undefined if it took longer. */
async function within<T>(ms: number, task: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  try {
    return await Promise.race([task, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
