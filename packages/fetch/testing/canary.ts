import { createServer } from "node:net";

/** A server that nobody may reach. */
export interface Canary extends AsyncDisposable {
  readonly port: number;
  /** How many connections there were. */
  readonly hits: () => number;
}

/** Listens on every address of this machine, of both families, and counts who comes; answers as a web server would. */
export async function canary(hostname = "::"): Promise<Canary> {
  let hits = 0;
  const server = createServer((socket) => {
    hits += 1;
    // What nobody reads does not end.
    socket.resume();
    socket.on("error", () => {});
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret");
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: hostname, port: 0 }, resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a canary has no port");
  return {
    port: address.port,
    hits: () => hits,
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => server.close(closed));
    },
  };
}
