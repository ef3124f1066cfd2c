import type { Socket } from "bun";

/** A proxy in front of a gateway, as it stands where a gateway is reached from elsewhere. */
export interface FrontProxy extends Disposable {
  readonly port: number;
}

/** Passes connections on to a port of this machine and says for each that it comes from `client` (X-Forwarded-For). */
export function proxyTo(port: number, client: string): FrontProxy {
  const listener = Bun.listen<{ inner: Promise<Socket>; isFirst: boolean }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(outer) {
        const inner = Bun.connect({
          hostname: "127.0.0.1",
          port,
          socket: {
            data: (_inner, bytes) => void outer.write(bytes),
            close: () => void outer.end(),
          },
        });
        outer.data = { inner, isFirst: true };
      },
      async data(outer, bytes) {
        const text = outer.data.isFirst ? named(bytes, client) : bytes;
        outer.data.isFirst = false;
        (await outer.data.inner).write(text);
      },
      close: (outer) => void outer.data.inner.then((inner) => inner.end()),
    },
  });
  return { port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}

/** A request's first bytes with one more header. */
function named(bytes: Uint8Array, client: string): string {
  return Buffer.from(bytes).toString("latin1").replace("\r\n", `\r\nX-Forwarded-For: ${client}\r\n`);
}
