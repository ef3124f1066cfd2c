import { type ConnectRequest, isRecord, type MethodName } from "@carapace/protocol";
import {
  type Frame,
  introduce,
  openClient,
  plainConnect,
  type TestClient,
} from "../listen/testing/client.ts";

/** The answer to a call: its payload, or what was refused. */
export interface Reply {
  readonly ok: boolean;
  readonly payload: Record<string, unknown>;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
}

/** A connected test client. */
export interface TestLink extends Disposable {
  readonly client: TestClient;
  call(method: MethodName, params?: unknown): Promise<Reply>;
  /** Payloads of all events of this name so far. */
  events(name: string): Record<string, unknown>[];
  /** The first event, past or future, that fits. */
  event(name: string, fits?: (payload: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** The `chat` event that ends a run. */
  ended(runId: string): Promise<Record<string, unknown>>;
}

export interface LinkOptions {
  readonly token: string;
  /** All of the operator's by default. */
  readonly scopes?: readonly string[];
  readonly client?: Partial<ConnectRequest["client"]>;
}

/** Connects to a gateway on this machine with its token. */
export async function openLink(url: string, options: LinkOptions): Promise<TestLink> {
  const client = await openClient(url);
  const answer = await introduce(client, {
    connect: {
      client: { ...plainConnect.client, ...options.client },
      auth: { token: options.token },
      ...(options.scopes === undefined ? {} : { scopes: [...options.scopes] }),
    },
  });
  if (answer["ok"] !== true) throw new Error(`not connected: ${JSON.stringify(answer["error"])}`);
  const events = (name: string) => client.frames.filter((frame) => frame["event"] === name).map(payloadOf);
  const event: TestLink["event"] = async (name, fits = () => true) =>
    payloadOf(await client.next((frame) => frame["event"] === name && fits(payloadOf(frame))));
  return {
    client,
    call: async (method, params) => replyOf(await client.request(method, params)),
    events,
    event,
    ended: (runId) => event("chat", (payload) => payload["runId"] === runId && payload["state"] !== "delta"),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

function payloadOf(frame: Frame): Record<string, unknown> {
  return isRecord(frame["payload"]) ? frame["payload"] : {};
}

function replyOf(frame: Frame): Reply {
  if (frame["ok"] === true) return { ok: true, payload: payloadOf(frame) };
  const { code, message, details } = isRecord(frame["error"]) ? frame["error"] : {};
  return { ok: false, payload: {}, code, message, details };
}
