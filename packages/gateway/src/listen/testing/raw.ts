import { connect, type Socket } from "node:net";

/** A TCP connection that writes WebSocket bytes by hand, for what a well-behaved client never sends. */
export interface RawSocket extends Disposable {
  readonly socket: Socket;
  /** Everything received so far, as Latin-1. */
  readonly received: () => string;
  write(bytes: string | Uint8Array): void;
  /** Resolves once the text was received; rejects when the socket ends without it. */
  until(text: string): Promise<void>;
  readonly ended: Promise<void>;
}

export async function openRaw(port: number): Promise<RawSocket> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  const watchers = new Set<() => void>();
  const ended = Promise.withResolvers<void>();
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    for (const watch of watchers) watch();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    ended.resolve();
    for (const watch of watchers) watch();
  });
  await new Promise<void>((done) => socket.once("connect", () => done()));
  return {
    socket,
    received: () => received,
    write: (bytes) => void socket.write(bytes),
    until: (text) =>
      new Promise((done, failed) => {
        const watch = () => {
          if (received.includes(text)) done();
          else if (socket.destroyed) failed(new Error(`ended without ${text}: ${received.slice(0, 200)}`));
          else return;
          watchers.delete(watch);
        };
        watchers.add(watch);
        watch();
      }),
    ended: ended.promise,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export function upgradeRequest(
  changes: { method?: string; version?: string; key?: string; headers?: string } = {},
): string {
  const { method = "GET", version = "13", key = "dGhlIHNhbXBsZSBub25jZQ==", headers = "" } = changes;
  return (
    `${method} /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: ${version}\r\n${headers}\r\n`
  );
}

/** A masked frame; the mask is zero, which the protocol allows. */
export function frame(opcode: number, payload: string | Uint8Array): Uint8Array {
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const size = body.length;
  const head =
    size < 126
      ? [size]
      : size < 65_536
        ? [126, size >> 8, size & 255]
        : [127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  const [first = 0, ...rest] = head;
  return Uint8Array.from([0x80 | opcode, 0x80 | first, ...rest, 0, 0, 0, 0, ...body]);
}
