import { createHash } from "node:crypto";
import type { State } from "@carapace/state";
import { idOfKey } from "../jobs/id-of-key.ts";
import { type HookAnswer, isAccepted, refusal } from "./answer.ts";

/** What tells a call from all others: the same again is the same call. */
export interface CallKey {
  /** Which hook, and what kind of key: two hooks may well get the same. */
  readonly scope: string;
  readonly key: string;
  /** Hex SHA-256 of what was asked. */
  readonly digest: string;
  readonly ttlMs: number;
}

/** `isRepeated`: it was carried out before, or is just being so by another. */
interface Once {
  readonly answer: HookAnswer;
  readonly isRepeated: boolean;
}

export interface OnceDeps {
  readonly answers: State["answers"];
  readonly nowMs: () => number;
}

export type CarryOut = (call: CallKey, work: () => Promise<HookAnswer>) => Promise<Once>;

/**
 * Carries a call out once. The answer of one that was accepted is kept for `ttlMs` and given again; one that came to
 * nothing may be made again. What a process left half done when it died is done again: what it starts has an id that
 * comes from the key, so that nothing happens twice.
 */
export function createOnce({ answers, nowMs }: OnceDeps): CarryOut {
  const running = new Map<string, { readonly digest: string; readonly answer: Promise<HookAnswer> }>();

  async function carryOut(call: CallKey, work: () => Promise<HookAnswer>): Promise<Once> {
    const { scope, key, digest, ttlMs } = call;
    const claim = await answers.claim(scope, key, { digest, nowMs: nowMs(), ttlMs });
    if (claim.kind === "mismatch") return { answer: otherCall, isRepeated: true };
    if (claim.kind === "known") return { answer: kept(claim.answer), isRepeated: true };
    try {
      const answer = await work();
      if (isAccepted(answer)) await answers.settle(scope, key, answer);
      else await answers.release(scope, key);
      return { answer, isRepeated: false };
    } catch (error) {
      await answers.release(scope, key).catch(() => undefined);
      throw error;
    }
  }

  return async (call, work) => {
    const name = JSON.stringify([call.scope, call.key]);
    const other = running.get(name);
    if (other !== undefined) {
      const answer = other.digest === call.digest ? await other.answer : otherCall;
      return { answer, isRepeated: true };
    }
    const done = carryOut(call, work);
    running.set(name, { digest: call.digest, answer: done.then(({ answer }) => answer) });
    running.get(name)?.answer.catch(() => undefined);
    return await done.finally(() => running.delete(name));
  };
}

/** The id of what a call starts: the same for the same key, before and after a crash. */
export function idOfCall({ scope, key }: Pick<CallKey, "scope" | "key">): string {
  return idOfKey("hook", JSON.stringify([scope, key]));
}

/** Hex SHA-256 of a call: where it went, and its body. */
export function digestOfCall(path: string, bytes: Uint8Array): string {
  return createHash("sha256").update(`${path}\n`).update(bytes).digest("hex");
}

const otherCall = refusal(422, "this Idempotency-Key was used for another request; use a new one");

function kept({ status, body }: { readonly status: number; readonly body?: unknown }): HookAnswer {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject ? { status, body: { ...body } } : { status };
}
