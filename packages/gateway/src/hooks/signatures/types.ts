/** A call as its sender signed it. */
export interface SignedCall {
  readonly headers: Pick<Headers, "get">;
  /** The body, as it came. */
  readonly bytes: Uint8Array;
  readonly nowMs: number;
}

/**
 * `mac`: what the key and the body come to, in hex: the same for every copy of a call, however its header is written.
 * `reason`: why it is refused, for the owner; nothing a stranger may not know stands in it.
 */
export type SignatureVerdict =
  | { readonly ok: true; readonly mac: string }
  | { readonly ok: false; readonly reason: string };

export function refuseSignature(reason: string): SignatureVerdict {
  return { ok: false, reason };
}
