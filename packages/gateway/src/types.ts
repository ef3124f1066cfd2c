import type {
  EventName,
  EventPayload,
  MethodName,
  MethodParams,
  MethodResult,
  Result,
} from "@carapace/protocol";

/** What the gateway needs from the world; tests hold the parts they need. */
export interface World {
  readonly nowMs: () => number;
  /** UUID v4. */
  readonly newId: () => string;
  /** The process environment; read by `config` and nobody else. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One authenticated WebSocket connection, as methods see it. */
export interface ConnectionView {
  readonly connId: string;
  readonly role: "operator" | "node";
  readonly scopes: readonly string[];
  readonly client: {
    readonly id: string;
    readonly mode: string;
    readonly version: string;
    readonly platform: string;
    readonly displayName?: string;
  };
  /** Set when the device identity was verified. */
  readonly deviceId?: string;
  /** Socket address; undefined for local-direct. */
  readonly remoteIp?: string;
  /** Per-socket memory of `sessions.switch`. */
  defaultSessionKey?: string;
}

/** Sends events to connections (websocket.md §10). Contract: never throws, never blocks. */
export interface EventHub {
  /** To every operator connection allowed to see it (the event table says who). */
  publish<E extends EventName>(event: E, payload: EventPayload<E>): void;
}

export interface MethodCall<M extends MethodName> {
  readonly params: MethodParams<M>;
  readonly connection: ConnectionView;
  /** Fires when the connection closes. */
  readonly signal: AbortSignal;
}

/** Contract: refusals are returned; a throw is a fault, answered with `unavailable` and logged. */
export type MethodHandler<M extends MethodName> = (
  call: MethodCall<M>,
) => Promise<Result<MethodResult<M>>> | Result<MethodResult<M>>;

/** The whole table: a method without a handler does not compile. */
export type MethodHandlers = { readonly [M in MethodName]: MethodHandler<M> };

/** What a handler that has to wait returns. */
export type Answer<M extends MethodName> = Promise<Result<MethodResult<M>>>;
