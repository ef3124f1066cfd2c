import type { Flight } from "./flights.ts";

/** Whether an answer is a stream of events, which may last. */
export function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** How long a reader may take none of it, in ms. */
export const stalledAfterMs = 75_000;

const lastEvent = new TextEncoder().encode(
  `event: error\ndata: ${JSON.stringify({ error: { message: "the gateway is stopping", type: "unavailable" } })}\n\n`,
);

/**
 * The same stream, which a stop of the gateway ends with an error event (http.md §15.2), and a reader who takes nothing
 * for too long without one. `flight` ends with it.
 */
export function endingStream(response: Response, flight: Flight, stallMs = stalledAfterMs): Response {
  const source = response.body?.getReader();
  if (source === undefined) return response;
  let isOver = false;
  let stall: Timer | undefined;
  const finish = () => {
    isOver = true;
    clearTimeout(stall);
    flight.end();
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      flight.onCut(() => {
        if (isOver) return;
        finish();
        controller.enqueue(lastEvent);
        controller.close();
        source.cancel("the gateway is stopping").catch(() => undefined);
      });
    },
    async pull(controller) {
      clearTimeout(stall);
      try {
        const next = await source.read();
        if (isOver) return;
        if (next.done) {
          finish();
          controller.close();
          return;
        }
        controller.enqueue(next.value);
        // Asked for more before that is over, or nobody reads.
        stall = setTimeout(() => {
          if (isOver) return;
          finish();
          controller.error(new Error("the reader takes nothing"));
          source.cancel("the reader takes nothing").catch(() => undefined);
        }, stallMs);
      } catch (error) {
        if (isOver) return;
        finish();
        controller.error(error);
      }
    },
    cancel(reason) {
      finish();
      return source.cancel(reason);
    },
  });
  // The connection was let off its time limit, so it is not to be used again.
  response.headers.set("Connection", "close");
  return new Response(body, { status: response.status, headers: response.headers });
}
