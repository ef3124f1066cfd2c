import { createHash } from "node:crypto";
import { TokenUsage } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { z } from "zod";
import { type ApiError, busy } from "../errors.ts";
import type { Read } from "../question/types.ts";
import type { KeyShares } from "./key-shares.ts";

const scope = "openai";
const ttlMs = 24 * 3_600_000;

/** How an agent's turn ended well. */
export const Kept = z.object({
  model: z.string(),
  text: z.string(),
  finish: z.enum(["stop", "length"]),
  usage: TokenUsage,
});
export type Kept = z.infer<typeof Kept>;

/** One call that must not be carried out twice (`Idempotency-Key`). */
export interface KeyedCall {
  /** 32 hex digits that are the same for the same key. */
  readonly id: string;
  /** What the first call was answered with, if it was. */
  readonly known?: Kept;
  settle(kept: Kept): Promise<void>;
  /** It came to nothing, and may be made again. */
  release(): Promise<void>;
  /** This request is done with what it shares with others of this key. @returns whether it was the last. */
  leave(): boolean;
}

interface ClaimDeps {
  readonly answers: State["answers"];
  readonly shares: KeyShares;
  readonly nowMs: () => number;
}

/**
 * Claims a key for a day. Whoever gets no known answer calls `leave` when it is done.
 * @param asked All that makes the request; the same key with something else is refused.
 */
export async function claimKey(
  key: string,
  asked: string,
  { answers, shares, nowMs }: ClaimDeps,
): Promise<Read<KeyedCall>> {
  const digest = createHash("sha256").update(asked).digest("hex");
  const id = createHash("sha256").update(`${scope}\n${key}`).digest("hex").slice(0, 32);
  // Before the look: who finds no reply yet must find the run.
  const leave = shares.enter(id);
  const claim = await answers.claim(scope, key, { digest, nowMs: nowMs(), ttlMs }).catch((error: unknown) => {
    leave();
    throw error;
  });
  const known = claim.kind === "known" ? Kept.safeParse(claim.answer.body) : undefined;
  if (claim.kind === "mismatch" || known !== undefined) leave();
  if (claim.kind === "mismatch") return { ok: false, error: mismatch };
  if (known?.success === false)
    return { ok: false, error: busy("the first reply to this key cannot be read") };
  return {
    ok: true,
    value: {
      ...{ id, leave },
      ...(known?.data && { known: known.data }),
      settle: (kept) => answers.settle(scope, key, { status: 200, body: kept }),
      release: () => answers.release(scope, key),
    },
  };
}

const mismatch: ApiError = {
  status: 422,
  type: "invalid_request_error",
  message: "This Idempotency-Key was used for another request: use a new one.",
  code: "idempotency_key_reused",
};
