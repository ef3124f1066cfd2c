import { isRecord } from "@carapace/protocol";
import type { Server, ServerWebSocket } from "bun";

/** A request as a test's gateway sees it. */
export interface PeerRequest {
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
}

/** What a test's gateway can do on its socket. */
export interface PeerSocket {
  answer(request: PeerRequest, payload: unknown): void;
  refuse(request: PeerRequest, error: Record<string, unknown>): void;
  event(event: string, payload: unknown): void;
  /** Anything at all. */
  raw(data: string | Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

export interface PeerScript {
  /** Sent on open; the usual challenge by default, nothing if null. */
  readonly challenge?: unknown;
  readonly onConnect?: (request: PeerRequest, socket: PeerSocket) => void;
  readonly onRequest?: (request: PeerRequest, socket: PeerSocket) => void;
  /** Answers the upgrade instead of opening a socket. */
  readonly refuseUpgrade?: () => Response;
}

export interface Peer extends AsyncDisposable {
  readonly url: string;
  /** Params of the last `connect`. */
  readonly connects: readonly unknown[];
}

export const nonce = "550e8400-e29b-41d4-a716-446655440000";
export const challengeTs = 1_700_000_000_000;

export const hello = {
  type: "hello-ok",
  protocol: 3,
  server: { version: "0.1.0", host: "test", connId: "c" },
  features: { methods: ["health"], events: ["tick"] },
  snapshot: { presence: [], health: {}, stateVersion: { presence: 0, health: 0 }, uptimeMs: 1 },
  auth: { role: "operator", scopes: ["operator.read"] },
  policy: {
    maxPayload: 524_288,
    maxBroadcastPayload: 1_048_576,
    maxBufferedBytes: 1_572_864,
    tickIntervalMs: 30_000,
  },
};

export const health = {
  ts: 1,
  status: "healthy",
  ws: {
    broadcastDropTotal: 0,
    matrixVerificationRateLimitDropTotal: 0,
    connectionCount: 1,
    maxBufferedBytes: 1_572_864,
  },
};

/** A gateway on a loopback socket that speaks the wire as its script says: a good one by default. */
export function startPeer(script: PeerScript = {}): Peer {
  const connects: unknown[] = [];
  const { challenge = { nonce, ts: challengeTs }, onConnect, onRequest } = script;
  const server: Server<undefined> = Bun.serve<undefined>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, self) {
      if (script.refuseUpgrade !== undefined) return script.refuseUpgrade();
      return self.upgrade(request, { data: undefined })
        ? undefined
        : new Response("not found", { status: 404 });
    },
    websocket: {
      open(ws) {
        if (challenge !== null) socketOf(ws).event("connect.challenge", challenge);
      },
      message(ws, text) {
        const request = readRequest(text);
        const socket = socketOf(ws);
        if (request.method !== "connect") return onRequest?.(request, socket) ?? undefined;
        connects.push(request.params);
        return onConnect === undefined ? socket.answer(request, hello) : onConnect(request, socket);
      },
    },
  });
  return {
    url: `ws://127.0.0.1:${server.port}/ws`,
    connects,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function socketOf(ws: ServerWebSocket<undefined>): PeerSocket {
  const send = (frame: unknown): void => void ws.send(JSON.stringify(frame));
  return {
    answer: ({ id }, payload) => send({ type: "res", id, ok: true, payload }),
    refuse: ({ id }, error) => send({ type: "res", id, ok: false, error }),
    event: (event, payload) => send({ type: "event", event, payload }),
    raw: (data) => void ws.send(data),
    close: (code, reason) => ws.close(code, reason),
  };
}

function readRequest(text: string | Buffer): PeerRequest {
  const frame: unknown = JSON.parse(text.toString());
  if (!isRecord(frame)) throw new Error("the client sent no object");
  return { id: String(frame["id"]), method: String(frame["method"]), params: frame["params"] };
}
