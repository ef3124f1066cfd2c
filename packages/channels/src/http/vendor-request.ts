import type { GuardedResponse } from "@carapace/fetch";

/** One request to a vendor's API. */
export interface VendorRequest {
  /** May hold the token: it never leaves this file. */
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The owner's own server instead of the vendor's: it may be on this machine or in its network. */
  readonly isOwners: boolean;
}

/** The vendor's answer, or why there is none. */
export type VendorAnswer =
  | ({ readonly kind: "answer" } & Pick<GuardedResponse, "status" | "headers" | "bytes">)
  | {
      readonly kind: "none";
      /** Why, without the address. */
      readonly say: string;
      readonly isTransient: boolean;
      readonly mayHaveArrived: boolean;
    };

/** A body that a slow line takes its time for. */
const longBytes = 256 * 1024;

/** What an API answers to a message is a few KiB (channels.md §1.11). */
const maxAnswerBytes = 256 * 1024;

/** Asks a vendor through the guarded fetch: no redirect is followed, nothing but the answer's beginning is read. */
export async function vendorRequest(request: VendorRequest): Promise<VendorAnswer> {
  const { guardedFetch } = await import("@carapace/fetch");
  const { url, method, headers = {}, body, timeoutMs, signal, isOwners } = request;
  const answer = await guardedFetch(url, {
    ...{ method, headers, timeoutMs, signal, maxBytes: maxAnswerBytes, redirects: 0 },
    ...(body === undefined ? {} : { body }),
    ...((body?.length ?? 0) > longBytes ? { headerTimeoutMs: timeoutMs } : {}),
    ...(isOwners ? { allowPrivate: true, schemes: ["https", "http"] as const } : {}),
  });
  if (answer.ok) return { kind: "answer", ...answer.value };
  const { say, reason, mayHaveArrived } = answer;
  // An answer that cannot be used leaves open what became of the request.
  const isUnusable = reason === "too_large";
  const isTransient = answer.isTransient || reason === "aborted" || isUnusable;
  return { kind: "none", say, isTransient, mayHaveArrived: mayHaveArrived || isUnusable };
}
