import type { TokenUsage } from "@carapace/protocol";
import type { ApiError } from "../errors.ts";

/** What a reply tells, in order; exactly one `stop` or `failed` ends it. */
export type ReplyEvent =
  | { readonly kind: "text"; readonly delta: string }
  /** A call of one of the client's tools; `input` is JSON text. */
  | { readonly kind: "call"; readonly id: string; readonly name: string; readonly input: string }
  | {
      readonly kind: "stop";
      readonly finish: Finish;
      readonly usage: TokenUsage;
      /** The answer itself, where the texts before also hold what was said on the way to it. */
      readonly text?: string;
    }
  | { readonly kind: "failed"; readonly error: ApiError };

export type ReplyEnd = Extract<ReplyEvent, { kind: "stop" | "failed" }>;

export type Finish = "stop" | "length" | "tool_calls";

/** A reply on its way. */
export interface Answer {
  /** What answers, as clients are told: `provider:model`. */
  readonly model: string;
  /** Read once. Contract: never throws. */
  readonly events: AsyncIterable<ReplyEvent>;
  /** Nobody wants it any more: what makes it is cancelled, and `events` end. */
  stop(): void;
}
