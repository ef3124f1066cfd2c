import type { Answered } from "./answer/answerer.ts";
import type { Answer, ReplyEvent } from "./answer/types.ts";
import { busy } from "./errors.ts";
import type { Places } from "./places.ts";
import type { Read } from "./question/types.ts";

/** The replies that are being made, each until it ended or nobody wants it any more. */
export interface Open extends Disposable {
  /** Begins one if there is a place for it; a client that goes away stops it. */
  begin(signal: AbortSignal, ask: () => Promise<Read<Answered>>): Promise<Read<Answered>>;
}

export function createOpenReplies(places: Places): Open {
  const open = new Set<Answer>();
  const over = new AbortController();
  return {
    async begin(signal, ask) {
      if (over.signal.aborted) return { ok: false, error: busy("The gateway is stopping.", 5) };
      const place = places.take();
      if (place === undefined) return { ok: false, error: busy(full) };
      let begun: Read<Answered>;
      try {
        begun = await ask();
      } catch (error) {
        place[Symbol.dispose]();
        throw error;
      }
      if (!begun.ok) {
        place[Symbol.dispose]();
        return begun;
      }
      const { answer } = begun.value;
      const stop = () => {
        answer.stop();
        leave();
      };
      const leave = () => {
        open.delete(held);
        place[Symbol.dispose]();
        signal.removeEventListener("abort", stop);
      };
      const held: Answer = { model: answer.model, events: until(answer.events, leave), stop };
      open.add(held);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      return { ok: true, value: { ...begun.value, answer: held } };
    },
    [Symbol.dispose]() {
      over.abort();
      for (const answer of open) answer.stop();
    },
  };
}

const full = "As many replies as agents.defaults.maxConcurrent allows are being made: try again in a moment.";

async function* until(events: AsyncIterable<ReplyEvent>, leave: () => void): AsyncGenerator<ReplyEvent> {
  try {
    yield* events;
  } finally {
    leave();
  }
}
