import type {
  ClientId,
  ClientMode,
  ConnectionRole,
  GatewayEvent,
  HelloOk,
  MethodInput,
  MethodName,
  MethodResult,
  Result,
} from "@carapace/protocol";

/** A device key as `connect` needs it: it can sign, and never shows its secret. */
export interface DeviceIdentity {
  /** Lower-case hex SHA-256 of the public key. */
  readonly deviceId: string;
  /** The 32 raw bytes as base64url without padding. */
  readonly publicKey: string;
  /** @returns the Ed25519 signature of the text's UTF-8, as base64url without padding. */
  sign(text: string): string | Promise<string>;
}

/** The program that connects, as the gateway shows it. */
export interface ClientInfo {
  readonly id: ClientId;
  readonly mode: ClientMode;
  readonly version: string;
  readonly platform: string;
  readonly displayName?: string;
}

export interface ConnectOptions {
  /** `ws://host:port/ws` or `wss://…`; never with credentials in it. */
  readonly url: string;
  readonly client: ClientInfo;
  /** `operator` by default. */
  readonly role?: ConnectionRole;
  readonly scopes: readonly string[];
  readonly auth?: { readonly token?: string; readonly password?: string };
  /** A function is asked once the gateway has sent its challenge: no key is made where nobody listens. */
  readonly identity?: DeviceIdentity | (() => Promise<Result<DeviceIdentity>>);
  /** Ends the handshake; an open connection is ended by disposing of it. */
  readonly signal?: AbortSignal;
  /** For each of the two steps of the handshake; 30 000 by default. */
  readonly challengeTimeoutMs?: number;
  /** The protocols to offer; 3 alone by default, as the reference asks for. */
  readonly protocol?: { readonly min: number; readonly max: number };
  /** How to open a socket; for a runtime's TLS settings. */
  readonly openSocket?: (url: string) => WebSocket;
}

/** How long a call may take. */
export interface CallLimits {
  readonly signal?: AbortSignal;
  /** 30 000 by default. */
  readonly timeoutMs?: number;
}

/** An authenticated connection to a gateway. */
export interface GatewayConnection extends AsyncDisposable {
  readonly hello: HelloOk;
  /**
   * Calls a method; any number may be under way at once. Never throws for what the gateway or the network does: a
   * refusal, a time-out, an abort, a lost connection and an answer of the wrong shape are all returned. A call that is
   * refused as one too many in a short time is made again, for some seconds in all.
   */
  request<M extends MethodName>(
    method: M,
    params: MethodInput<M>,
    limits?: CallLimits,
  ): Promise<Result<MethodResult<M>>>;
  /**
   * Hears events in the order they arrive; unknown and malformed ones are left out. Contract: must not throw.
   * @returns a function that ends it.
   */
  onEvent(listener: (event: GatewayEvent) => void): () => void;
  /** Settles when the connection has ended, whoever ended it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}
