import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Reply } from "./reply.ts";

/** A file of a multipart body. */
interface ReceivedFile {
  readonly field: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A call as the server had it. */
export interface Call {
  readonly verb: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Of a JSON body, or the fields of a multipart one. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly ReceivedFile[];
}

/** Instead of what the vendor would do; undefined: as the vendor does. */
type Script = (call: Call, number: number) => Reply | undefined;

/** A vendor's API on this machine. */
export interface VendorServer extends AsyncDisposable {
  /** For the configuration: `baseUrl`. */
  readonly baseUrl: string;
  readonly calls: readonly Call[];
  /** From now on, for every call; the first one from now has number 1. */
  behave(script: Script): void;
  /** The next calls, one reply each; then as the vendor does. */
  replyWith(...replies: readonly Reply[]): void;
  /** @param listener Called when a client hangs up without having been answered. */
  hungUp(listener: () => void): void;
  /** Until so many calls have come in. */
  called(count: number): Promise<void>;
}

/** @param vendor What the vendor does. */
export async function startVendorServer(path: string, vendor: (call: Call) => Reply): Promise<VendorServer> {
  const calls: Call[] = [];
  const waiting = new Map<() => void, number>();
  let script: Script = () => undefined;
  let before = 0;
  let leaving = () => {};
  const server = createServer(async (message, response) => {
    const call = await callOf(message, path);
    calls.push(call);
    response.once("close", () => response.writableEnded || leaving());
    for (const [resolve, count] of waiting) if (calls.length >= count) resolve();
    answer(response, script(call, calls.length - before) ?? vendor(call));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const behave = (next: Script) => {
    script = next;
    before = calls.length;
  };
  return {
    baseUrl: `http://127.0.0.1:${port}${path}`,
    calls,
    behave,
    replyWith: (...replies) => behave((_, number) => replies[number - 1]),
    hungUp(listener) {
      leaving = listener;
    },
    async called(count) {
      if (calls.length < count) await new Promise<void>((resolve) => waiting.set(resolve, count));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply.kind === "break") response.destroy();
  if (reply.kind === "answer") response.writeHead(reply.status, reply.headers).end(reply.body);
}

async function callOf(message: IncomingMessage, base: string): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  const { method: verb = "", url = "", headers } = message;
  const path = url.startsWith(base) ? url.slice(base.length) : url;
  return { verb, path, headers, ...(await bodyOf(Buffer.concat(chunks), headers["content-type"] ?? "")) };
}

async function bodyOf(bytes: Buffer, type: string): Promise<Pick<Call, "fields" | "files">> {
  if (bytes.length === 0) return { fields: {}, files: [] };
  if (!type.startsWith("multipart/form-data")) return { fields: JSON.parse(bytes.toString()), files: [] };
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  const fields: Record<string, unknown> = {};
  const files: ReceivedFile[] = [];
  for (const [field, value] of form) {
    if (typeof value === "string") fields[field] = value;
    else files.push({ field, name: value.name, type: value.type, bytes: await value.bytes() });
  }
  return { fields, files };
}
