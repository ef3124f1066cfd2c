import type { Flight } from "./flights.ts";
import { sseFrame } from "./sse.ts";

/** Whether an answer is a stream of events, which may last. */
export function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** How long a reader may take nothing of it, in ms. */
const stalledAfterMs = 75_000;

const stopping = "the gateway is stopping";
const lastEvent = new TextEncoder().encode(
  sseFrame(JSON.stringify({ error: { message: stopping, type: "unavailable" } }), "error"),
);

/**
 * The same stream, which a stop of the gateway ends with an error event (http.md §15.2), and a reader who takes nothing
 * for too long without one. `flight` ends with it, and just before the reader hears of the end.
 */
export function endingStream(response: Response, flight: Flight, stallMs = stalledAfterMs): Response {
  const source = response.body?.getReader();
  if (source === undefined) return response;
  let isOver = false;
  let stall: Timer | undefined;

  /** @returns false if it has ended before. */
  function end(): boolean {
    if (isOver) return false;
    isOver = true;
    clearTimeout(stall);
    flight.end();
    return true;
  }
  function giveUp(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const why = "the reader takes nothing";
    if (!end()) return;
    controller.error(new Error(why));
    source?.cancel(why).catch(() => undefined);
  }
  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    clearTimeout(stall);
    try {
      const next = await source?.read();
      if (isOver) return;
      if (next?.value === undefined) {
        end();
        controller.close();
        return;
      }
      controller.enqueue(next.value);
      // Asked for more before that time is over, or nobody reads.
      stall = setTimeout(giveUp, stallMs, controller);
    } catch (error) {
      if (end()) controller.error(error);
    }
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        flight.onCut(() => {
          if (!end()) return;
          controller.enqueue(lastEvent);
          controller.close();
          source.cancel(stopping).catch(() => undefined);
        });
      },
      pull,
      cancel(reason) {
        end();
        return source.cancel(reason);
      },
    },
    // Whoever makes the events makes the next one when it is wanted, not before.
    { highWaterMark: 0 },
  );
  return new Response(body, { status: response.status, headers: response.headers });
}
