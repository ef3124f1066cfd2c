import { wireLimits } from "./limits.ts";

/** Close codes a gateway sends (websocket.md §9). */
export const closeCodes = { normal: 1000, protocolMismatch: 1002, policy: 1008, tooBig: 1009 } as const;

/** How a connection ends: the close frame's code and reason. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** Closes with a fixed reason (websocket.md §2, §3.2, §8). */
export const closes = {
  handshakeTimeout: { code: closeCodes.normal, reason: "" },
  binary: { code: closeCodes.policy, reason: "binary messages not supported" },
  socketError: { code: closeCodes.policy, reason: "socket error" },
  payloadTooLarge: { code: closeCodes.policy, reason: "payload too large" },
  invalidFrame: { code: closeCodes.policy, reason: "invalid request frame" },
  rateLimited: { code: closeCodes.policy, reason: "rate limit exceeded" },
  slowConsumer: { code: closeCodes.policy, reason: "slow consumer" },
  oversizeMessage: { code: closeCodes.tooBig, reason: "message too big" },
  protocolMismatch: { code: closeCodes.protocolMismatch, reason: "protocol mismatch" },
} as const satisfies Record<string, Close>;

/** The close for a message nested deeper than `maxDepth`. */
export function tooDeep(maxDepth: number): Close {
  return policyClose(`JSON nesting depth exceeds maximum allowed depth of ${maxDepth}`);
}

/** A 1008 close whose reason is cut to what a close frame can hold. */
export function policyClose(reason: string): Close {
  return { code: closeCodes.policy, reason: closeReason(reason) };
}

/** Cuts a text to the 123 bytes of UTF-8 a close frame can hold, never inside a character. */
export function closeReason(text: string): string {
  const room = new Uint8Array(wireLimits.maxCloseReasonBytes);
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read);
}
