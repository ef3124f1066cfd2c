import { isRecord } from "@carapace/protocol";

/** A bare operator connection: the wire without a client library, so that the figures are the gateway's. */
export interface Operator extends Disposable {
  send(text: string): void;
  onFrame: (frame: Record<string, unknown>) => void;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly gone: Promise<void>;
}

export async function connectOperator(port: number, token: string): Promise<Operator> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const { promise: welcomed, resolve, reject } = Promise.withResolvers<void>();
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  socket.onclose = () => {
    leave();
    reject(new Error("closed"));
  };
  const operator: Operator = {
    gone,
    send: (text) => socket.send(text),
    onFrame: (frame) => {
      if (frame["event"] === "connect.challenge") {
        const client = { id: "test", version: "1.0.0", platform: "test", mode: "test" };
        socket.send(
          JSON.stringify({
            type: "req",
            id: "connect",
            method: "connect",
            params: { minProtocol: 3, maxProtocol: 4, client, auth: { token } },
          }),
        );
      } else if (frame["id"] === "connect")
        frame["ok"] === true ? resolve() : reject(new Error(JSON.stringify(frame)));
    },
    [Symbol.dispose]: () => socket.close(),
  };
  socket.onmessage = (event) => {
    const frame: unknown = JSON.parse(String(event.data));
    if (isRecord(frame)) operator.onFrame(frame);
  };
  socket.onerror = () => reject(new Error("no connection"));
  await welcomed;
  operator.onFrame = () => undefined;
  return operator;
}
