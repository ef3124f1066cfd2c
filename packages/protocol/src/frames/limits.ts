/** Limits of the wire (websocket.md §8). Those with a config key are its default. */
export const wireLimits = {
  /** Text of one inbound message, in bytes; above it the connection is closed. */
  maxPayloadBytes: 524_288,
  /** One inbound WebSocket message as the transport may hold it, in bytes. */
  maxInboundMessageBytes: 528_384,
  /** One serialized event frame, in bytes. */
  maxBroadcastBytes: 1_048_576,
  /** Bytes waiting to be sent to one connection. */
  maxBufferedBytes: 1_572_864,
  /** Frames waiting to be sent to one connection. */
  maxBufferedFrames: 256,
  /** `gateway.ws.maxJsonDepth`. */
  maxJsonDepth: 32,
  /** `gateway.ws.maxConnections`. */
  maxConnections: 1024,
  /** `gateway.ws.maxPerIp`; loopback is exempt. */
  maxConnectionsPerIp: 32,
  /** `gateway.ws.messageRate`, requests per second and connection. */
  messageRate: 60,
  /** `gateway.ws.messageBurst`. */
  messageBurst: 120,
  /** Requests refused in a row before the connection is closed. */
  rateLimitStrikes: 3,
  /** From the upgrade to a valid `connect`. */
  handshakeTimeoutMs: 10_000,
  tickIntervalMs: 30_000,
  /** How far `device.signedAt` may be from the gateway's clock. */
  signatureSkewMs: 600_000,
  /** Reason text of a close frame. */
  maxCloseReasonBytes: 123,
  /** Reason text of the `shutdown` event. */
  maxShutdownReasonChars: 1024,
  maxSystemEventBytes: 8192,
  maxPresenceEntries: 200,
  presenceTtlMs: 300_000,
} as const;

/** `hello-ok.policy`: what a client must know of the limits; constants. */
export const policy = {
  maxPayload: wireLimits.maxPayloadBytes,
  maxBroadcastPayload: wireLimits.maxBroadcastBytes,
  maxBufferedBytes: wireLimits.maxBufferedBytes,
  tickIntervalMs: wireLimits.tickIntervalMs,
} as const;
