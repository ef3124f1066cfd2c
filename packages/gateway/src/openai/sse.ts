import { ssePing } from "../http/sse.ts";
import { endsWithin } from "../wait.ts";

export interface SseOptions {
  /** Of silence. */
  readonly pingMs: number;
  /** The reader is gone. */
  readonly onCancel: () => void;
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
      if (!(await endsWithin(pingMs, next))) {
        controller.enqueue(encoder.encode(ssePing));
        return;
      }
      const come = await next;
      next = undefined;
      if (come.done === true) controller.close();
      else controller.enqueue(encoder.encode(come.value));
    },
    cancel: () => onCancel(),
  };
}
