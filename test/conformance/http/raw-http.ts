import { connect } from "node:net";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; the last of a name counts. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawRequest {
  readonly method: string;
  /** Sent as it is: no client tidies it up. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const patienceMs = 10_000;

/** Sends one request over a connection of its own, and reads the answer until the gateway closes it. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method, path, body } = request;
  const headers = {
    Host: `127.0.0.1:${port}`,
    Connection: "close",
    ...request.headers,
    ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return parseAnswer(await exchange(port, head + (body ?? "")));
}

function exchange(port: number, text: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  const socket = connect(port, "127.0.0.1", () => socket.write(text));
  socket.setTimeout(patienceMs, () => socket.destroy(new Error("no answer in time")));
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  socket.on("error", reject);
  socket.on("close", () => resolve(Buffer.concat(pieces)));
  return promise;
}

function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  const isChunked = headers.get("transfer-encoding")?.toLowerCase() === "chunked";
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body: (isChunked ? unchunked(body) : body).toString("utf8"),
  };
}

/** RFC 9112, section 7.1. */
function unchunked(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    if (!(size > 0)) break;
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}
