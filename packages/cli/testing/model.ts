import type { TestGatewayOptions } from "@carapace/gateway/testing";
import { textOf } from "@carapace/protocol";

type Provider = NonNullable<TestGatewayOptions["providers"]>[number];

export interface TalkingModel extends Provider {
  /** The messages it was asked to answer, in order. */
  readonly heard: string[];
  /** Resolves once it has been asked so many times. */
  untilAsked(times: number): Promise<void>;
}

const usage = { inputTokens: 1, outputTokens: 1 };

/**
 * A model in the built-in one's place. It repeats what it is told, except: `wait` says "waiting" and `quiet` nothing,
 * both until they are stopped; `steer` tries to steer the terminal; `fail` fails.
 * @param always treats every message as this one
 */
export function talkingModel(always?: string): TalkingModel {
  const heard: string[] = [];
  const waiting = new Set<() => void>();
  return {
    id: "offline",
    heard,
    untilAsked: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (heard.length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async *complete(request, signal) {
      const last = request.messages.findLast((message) => message.role === "user");
      const said = always ?? textOf(last?.blocks ?? []);
      heard.push(said);
      for (const look of [...waiting]) look();
      if (said === "fail") {
        yield { kind: "failed", failure: { code: "auth", say: "The key is not accepted.\u001b[2J" } };
        return;
      }
      if (said === "wait" || said === "quiet") {
        // The blank lets the word be shown: an end that a known secret could begin with waits for what follows.
        if (said === "wait") yield { kind: "text", delta: "waiting " };
        await fired(signal);
        return;
      }
      const pieces =
        said === "steer" ? ["safe\u001b", "[2J\u001b]0;mine\u0007", "\u202eend"] : ["You said: ", said];
      for (const delta of pieces) yield { kind: "text", delta };
      yield { kind: "stop", reason: "end_turn", usage };
    },
  };
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
