import { type ConnectRequest, isRecord } from "@carapace/protocol";
import type { TestDevice } from "./device.ts";

/** A frame as it came, for tests to look into. */
export type Frame = Record<string, unknown>;

/** A WebSocket client that says exactly what a test tells it to. */
export interface TestClient extends Disposable {
  readonly socket: WebSocket;
  /** Every frame so far, oldest first. */
  readonly frames: readonly Frame[];
  send(frame: unknown): void;
  sendText(text: string): void;
  /** The first frame, past or future, that fits; rejects when the socket closes without one. */
  next(fits: (frame: Frame) => boolean): Promise<Frame>;
  event(name: string): Promise<Frame>;
  /** The answer to a request. */
  request(method: string, params?: unknown): Promise<Frame>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

/** Forwarded by somebody: what makes a loopback client a remote one. */
export const remoteHeaders = { "x-forwarded-for": "203.0.113.9" };

export async function openClient(url: string, headers: Record<string, string> = {}): Promise<TestClient> {
  const socket = new WebSocket(url, { headers });
  const frames: Frame[] = [];
  const waiting = new Set<{
    fits: (frame: Frame) => boolean;
    done: (frame: Frame) => void;
    fail: (why: Error) => void;
  }>();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  socket.addEventListener("message", ({ data }) => {
    const frame: unknown = JSON.parse(String(data));
    if (!isRecord(frame)) throw new Error("not a frame");
    frames.push(frame);
    for (const one of [...waiting]) if (one.fits(frame) && waiting.delete(one)) one.done(frame);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    closed.resolve({ code, reason });
    for (const one of waiting) one.fail(new Error(`closed ${code} ${reason}`));
  });
  await new Promise<void>((opened, failed) => {
    socket.addEventListener("open", () => opened());
    socket.addEventListener("error", () => failed(new Error("no WebSocket")));
  });
  let requests = 0;
  const client: TestClient = {
    socket,
    frames,
    send: (frame) => socket.send(JSON.stringify(frame)),
    sendText: (text) => socket.send(text),
    next(fits) {
      const past = frames.find(fits);
      if (past !== undefined) return Promise.resolve(past);
      const { promise, resolve, reject } = Promise.withResolvers<Frame>();
      waiting.add({ fits, done: resolve, fail: reject });
      return promise;
    },
    event: (name) => client.next((frame) => frame["event"] === name),
    request(method, params) {
      requests += 1;
      const id = `r${requests}`;
      client.send({ type: "req", id, method, params });
      return client.next((frame) => frame["id"] === id);
    },
    closed: closed.promise,
    [Symbol.dispose]: () => socket.close(),
  };
  return client;
}

export const plainConnect = {
  minProtocol: 3,
  maxProtocol: 3,
  client: { id: "test", version: "1.0.0", platform: "test", mode: "test" },
} as const satisfies ConnectRequest;

export interface Introduction {
  readonly connect?: Partial<ConnectRequest>;
  readonly device?: TestDevice;
  readonly version?: 1 | 2 | 3;
  /** Unix ms; now by default. */
  readonly signedAtMs?: number;
}

/** Answers the challenge with a `connect`. @returns the gateway's answer. */
export async function introduce(client: TestClient, intro: Introduction = {}): Promise<Frame> {
  const connect: ConnectRequest = { ...plainConnect, ...intro.connect };
  const nonce = await challenge(client);
  const facts = {
    nonce,
    signedAtMs: intro.signedAtMs ?? Date.now(),
    ...(intro.version ? { version: intro.version } : {}),
  };
  const device = intro.device?.proof(connect, facts);
  return client.request("connect", device === undefined ? connect : { ...connect, device });
}

export async function challenge(client: TestClient): Promise<string> {
  const { payload } = await client.event("connect.challenge");
  return String(isRecord(payload) ? payload["nonce"] : "");
}
