import type { ReplyEvent } from "./types.ts";

/** A reader that is this far behind gets texts that follow each other as one: what waits stays bounded. */
const maxApart = 64;

/** Events from one who tells them to one who reads them when it can. */
export interface EventQueue extends AsyncIterable<ReplyEvent> {
  push(event: ReplyEvent): void;
  /** Nothing comes any more, whatever is still pushed. */
  close(): void;
}

/** A queue of a reply's events; it ends after the one that ends the reply. */
export function createEventQueue(): EventQueue {
  const waiting: ReplyEvent[] = [];
  let wake: (() => void) | undefined;
  let isClosed = false;

  async function* read(): AsyncGenerator<ReplyEvent> {
    for (;;) {
      const event = waiting.shift();
      if (event !== undefined) {
        yield event;
        if (event.kind === "stop" || event.kind === "failed") return;
        continue;
      }
      if (isClosed) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    push(event) {
      if (isClosed) return;
      const last = waiting.at(-1);
      if (waiting.length >= maxApart && last?.kind === "text" && event.kind === "text")
        waiting[waiting.length - 1] = { kind: "text", delta: last.delta + event.delta };
      else waiting.push(event);
      wake?.();
    },
    close() {
      isClosed = true;
      wake?.();
    },
    [Symbol.asyncIterator]: read,
  };
}
