import { wireLimits } from "@carapace/protocol";

/** What one gateway allows its connections (websocket.md §8); those named in the config file come from there. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxPerIp: number;
  /** Sockets between upgrade and `hello-ok`, in all and of one address. */
  readonly maxNewcomers: number;
  readonly maxNewcomersPerIp: number;
  readonly maxJsonDepth: number;
  readonly messageRate: number;
  readonly messageBurst: number;
  readonly rateLimitStrikes: number;
  readonly maxPayloadBytes: number;
  readonly maxInboundMessageBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxBufferedFrames: number;
  readonly handshakeTimeoutMs: number;
  /** Requests of one connection that are being worked on at the same time. */
  readonly maxInFlight: number;
  /** Text of a client that is still a stranger, in bytes: `connect` needs no more. */
  readonly maxGreetingBytes: number;
  /** Frames a client may send before its handshake is answered; they are handled after it. */
  readonly maxEarlyFrames: number;
  /** All their text together: the client is still a stranger. */
  readonly maxEarlyChars: number;
}

/** The contract's own numbers. */
export const defaultLimits: ConnectionLimits = {
  maxConnections: wireLimits.maxConnections,
  maxPerIp: wireLimits.maxConnectionsPerIp,
  maxNewcomers: 64,
  maxNewcomersPerIp: 8,
  maxJsonDepth: wireLimits.maxJsonDepth,
  messageRate: wireLimits.messageRate,
  messageBurst: wireLimits.messageBurst,
  rateLimitStrikes: wireLimits.rateLimitStrikes,
  maxPayloadBytes: wireLimits.maxPayloadBytes,
  maxInboundMessageBytes: wireLimits.maxInboundMessageBytes,
  maxBufferedBytes: wireLimits.maxBufferedBytes,
  maxBufferedFrames: wireLimits.maxBufferedFrames,
  handshakeTimeoutMs: wireLimits.handshakeTimeoutMs,
  maxInFlight: 64,
  maxGreetingBytes: 65_536,
  maxEarlyFrames: 16,
  maxEarlyChars: 65_536,
};

/** Whether a text is at most so many bytes of UTF-8; counts only when its length leaves a doubt. */
export function fitsBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false;
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}
