import { connect, createServer } from "node:net";

/** What stands in front of a port of this machine. */
export interface Forwarding extends AsyncDisposable {
  readonly port: number;
  /** Everything that callers sent. */
  heard(): string;
}

/**
 * Forwards connections to a port.
 * @param hostname the loopback address it listens on
 * @param header put into every connection's first request: with `X-Forwarded-For` it comes from another machine
 */
export async function startForwarding(
  to: number,
  { hostname = "127.0.0.1", header = "" } = {},
): Promise<Forwarding> {
  let heard = "";
  const server = createServer((outer) => {
    outer.on("data", (bytes) => {
      heard += bytes.toString("latin1");
    });
    const inner = connect(to, "127.0.0.1");
    outer.once("data", (bytes) => {
      const text = bytes.toString("latin1");
      const end = text.indexOf("\r\n") + 2;
      const changed = `${text.slice(0, end)}${header}${text.slice(end)}`;
      inner.write(Buffer.from(changed, "latin1"));
      outer.pipe(inner);
    });
    inner.pipe(outer);
    for (const socket of [outer, inner]) socket.on("error", () => [outer, inner].map((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  const address = server.address();
  return {
    heard: () => heard,
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
