import { once } from "@carapace/protocol";
import { z } from "zod";

/** An answer kept for a caller that asks again with the same key. */
export const keptAnswer = once(() =>
  z.looseObject({
    /** Hex SHA-256 of scope and key: callers choose their keys, so that these get one form and length. */
    id: z.string(),
    /** Hex SHA-256 of what was asked: the same key with something else is refused. */
    digest: z.string(),
    expiresAtMs: z.int(),
    /** Absent while the first call is being worked on. */
    answer: z.object({ status: z.int(), body: z.unknown() }).exactOptional(),
  }),
);
export type KeptAnswer = z.infer<ReturnType<typeof keptAnswer>>;

/** `pending`: the first call has not been answered (yet); it may never be, if its process died. */
export type AnswerClaim =
  | { readonly kind: "first" | "pending" | "mismatch" }
  | { readonly kind: "known"; readonly answer: { readonly status: number; readonly body?: unknown } };

/** Answers to calls that must not be carried out twice (`Idempotency-Key`, a webhook's own id), by scope and key. */
export interface AnswerRepository {
  /** Durable before it returns. */
  claim(
    scope: string,
    key: string,
    facts: { readonly digest: string; readonly nowMs: number; readonly ttlMs: number },
  ): Promise<AnswerClaim>;
  /** Keeps the answer of a claimed call. */
  settle(
    scope: string,
    key: string,
    answer: { readonly status: number; readonly body?: unknown },
  ): Promise<void>;
  /** The claimed call came to nothing, and may be made again. */
  release(scope: string, key: string): Promise<void>;
  /** Forgets what is over. @returns how many. */
  prune(nowMs: number): Promise<number>;
}
