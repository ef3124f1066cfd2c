import type { DeliveryResult } from "../adapter.ts";

/** A piece that did not go out, or nobody knows whether it did. */
export type Failure = Extract<DeliveryResult, { readonly ok: false }>;

/** What will not go better next time. */
export function terminal(error: string): Failure {
  return { ok: false, error, retryability: { kind: "terminal" } };
}

/** What may go better; not before so long, if that is known. */
export function transient(error: string, retryAfterMs?: number): Failure {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { ok: false, error, retryability: { kind: "transient", ...wait } };
}
