import type { Socket } from "bun";

/** What a vendor's server answers to one request, down to how its bytes are cut. */
export type Reply =
  | {
      readonly kind: "http";
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string | Uint8Array;
      /** Byte offsets in the body at which one network write ends and the next begins. */
      readonly splitAt?: readonly number[];
      /** What follows the body: its proper end, nothing more, or a dead socket. Default `complete`. */
      readonly ending?: "complete" | "hang" | "destroy";
    }
  /** Takes the request and never answers. */
  | { readonly kind: "silence" }
  /** Takes the request and closes the connection. */
  | { readonly kind: "reset" };

/** A request as it came over the socket. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A loopback server that answers what the test laid out for it. */
export interface VendorServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly origin: string;
  readonly requests: readonly ReceivedRequest[];
  /** Replies for the next requests, in order. */
  reply(...replies: readonly Reply[]): void;
  /** Answers every request for which no reply was laid out; without it they get a 500. */
  otherwise(answer: (request: ReceivedRequest) => Reply): void;
  /** Resolves once `count` requests have come in since the start. */
  received(count: number): Promise<void>;
  /** Resolves once a client has gone before its answer was complete. */
  abandoned(): Promise<void>;
}

interface Connection {
  buffer: Buffer;
  isAnswering: boolean;
}

/** Starts a server on a free loopback port. HTTP/1.1 with keep-alive, bodies in chunked encoding. */
export async function startVendorServer(): Promise<VendorServer> {
  const requests: ReceivedRequest[] = [];
  const queue: Reply[] = [];
  let fallback: (request: ReceivedRequest) => Reply = () => noReplyLeft;
  let abandonedCount = 0;
  const waiters = createWaiters();
  const serve = async (socket: Socket<Connection>) => {
    for (let request = takeRequest(socket.data); request !== undefined; request = takeRequest(socket.data)) {
      requests.push(request);
      socket.data.isAnswering = true;
      waiters.changed();
      const isComplete = await answer(socket, queue.shift() ?? fallback(request));
      if (!isComplete) return;
      socket.data.isAnswering = false;
    }
  };

  const listener = Bun.listen<Connection>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { buffer: Buffer.alloc(0), isAnswering: false };
      },
      data(socket, bytes) {
        socket.data.buffer = Buffer.concat([socket.data.buffer, bytes]);
        if (!socket.data.isAnswering) void serve(socket);
      },
      close(socket) {
        if (!socket.data.isAnswering) return;
        abandonedCount += 1;
        waiters.changed();
      },
      error() {},
    },
  });

  return {
    origin: `http://127.0.0.1:${listener.port}`,
    requests,
    reply: (...replies) => void queue.push(...replies),
    otherwise: (answerer) => {
      fallback = answerer;
    },
    received: (count) => waiters.until(() => requests.length >= count),
    abandoned: () => waiters.until(() => abandonedCount > 0),
    [Symbol.asyncDispose]: async () => listener.stop(true),
  };
}

/** Promises for states of the server, looked at again whenever something has changed. */
function createWaiters() {
  let waiting: { readonly isDone: () => boolean; readonly resolve: () => void }[] = [];
  const changed = () => {
    for (const waiter of waiting.filter((one) => one.isDone())) waiter.resolve();
    waiting = waiting.filter((one) => !one.isDone());
  };
  const until = (isDone: () => boolean) =>
    new Promise<void>((resolve) => {
      waiting.push({ isDone, resolve });
      changed();
    });
  return { changed, until };
}

const noReplyLeft: Reply = { kind: "http", status: 500, body: "the test laid out no reply for this request" };

/** Takes one whole request off the front of what was read, or nothing. */
function takeRequest(connection: Connection): ReceivedRequest | undefined {
  const headEnd = connection.buffer.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [requestLine = "", ...headerLines] = connection.buffer
    .subarray(0, headEnd)
    .toString("latin1")
    .split("\r\n");
  const headers = Object.fromEntries(headerLines.map(parseHeader));
  const bodyStart = headEnd + 4;
  const bodyEnd = bodyStart + Number(headers["content-length"] ?? 0);
  if (connection.buffer.length < bodyEnd) return undefined;
  const body = connection.buffer.subarray(bodyStart, bodyEnd).toString("utf8");
  connection.buffer = connection.buffer.subarray(bodyEnd);
  const [method = "", path = ""] = requestLine.split(" ");
  return { method, path, headers, body };
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** @returns whether the answer was complete and the connection can take the next request. */
async function answer(socket: Socket<Connection>, reply: Reply): Promise<boolean> {
  if (reply.kind === "silence") return false;
  if (reply.kind === "reset") {
    socket.data.isAnswering = false;
    socket.terminate();
    return false;
  }
  const headers = { "content-type": "application/json", ...reply.headers, "transfer-encoding": "chunked" };
  const headerLines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${reply.status ?? 200} Status\r\n${headerLines.join("")}\r\n`);
  for (const piece of pieces(Buffer.from(reply.body), reply.splitAt ?? [])) {
    socket.write(
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
    );
    // Pieces that leave together arrive together: give the client's network thread time to take this one.
    if (reply.splitAt !== undefined) await Bun.sleep(1);
  }
  return finish(socket, reply.ending ?? "complete");
}

async function finish(socket: Socket<Connection>, ending: "complete" | "hang" | "destroy"): Promise<boolean> {
  if (ending === "hang") return false;
  if (ending === "complete") {
    socket.write("0\r\n\r\n");
    return true;
  }
  // A dying socket takes along what the client has not read yet.
  await Bun.sleep(2);
  socket.data.isAnswering = false;
  socket.terminate();
  return false;
}

function pieces(body: Buffer, splitAt: readonly number[]): Buffer[] {
  const bounds = [0, ...splitAt, body.length];
  return bounds.slice(1).flatMap((end, index) => {
    const piece = body.subarray(bounds[index] ?? 0, end);
    return piece.length > 0 ? [piece] : [];
  });
}
