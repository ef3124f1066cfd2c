import { ok, type Refusal, type ResponseFrame, type Result } from "@carapace/protocol";
import { refusalOf } from "./refusals.ts";
import { type Wait, within } from "./wait.ts";

/** The calls under way on one socket, found by their id. */
export interface Calls {
  /** Sends a request and waits for its answer. */
  start(method: string, params: unknown, wait: Wait): Promise<Result<unknown>>;
  /** Gives an answer to the call it belongs to; one that belongs to none is dropped. */
  settle(frame: ResponseFrame): void;
  /** Refuses every call under way and all later ones. */
  end(refusal: Refusal): void;
}

export function createCalls(send: (text: string) => Refusal | undefined): Calls {
  const waiting = new Map<string, (result: Result<unknown>) => void>();
  let last = 0;
  let ended: Refusal | undefined;
  return {
    async start(method, params, wait) {
      if (ended !== undefined) return ended;
      if (wait.signal?.aborted) return within(new Promise<Refusal>(() => undefined), wait);
      last += 1;
      const id = `${method.replaceAll(".", "-")}-${last}`;
      const unsent = send(JSON.stringify({ type: "req", id, method, params }));
      if (unsent !== undefined) return unsent;
      const answer = Promise.withResolvers<Result<unknown>>();
      waiting.set(id, answer.resolve);
      return within(answer.promise, wait).finally(() => waiting.delete(id));
    },
    settle(frame) {
      waiting.get(frame.id)?.(frame.ok ? ok(frame.payload) : refusalOf(frame.error));
    },
    end(refusal) {
      ended ??= refusal;
      for (const settle of waiting.values()) settle(ended);
    },
  };
}
