import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the receiver had it. */
export interface Received {
  readonly key: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly json: { readonly to?: string; readonly text?: string; readonly [key: string]: unknown };
}

/** How it answers a request, the first of which has number 1. */
export type Behaviour = (response: ServerResponse, request: Received, number: number) => void;

/** A receiver on this machine that behaves as told. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly Received[];
  behave(behaviour: Behaviour): void;
  /** Until so many requests have come in. */
  received(count: number): Promise<void>;
  /** How often each key came. */
  counts(): Readonly<Record<string, number>>;
}

export const accepts: Behaviour = (response) => void response.writeHead(204).end();

/** Answers with a status, and headers. */
export function answers(status: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return (response) => void response.writeHead(status, headers).end("no");
}

/** One behaviour after the other; the last one goes on. */
export function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  return (response, request, number) =>
    (behaviours[number - 1] ?? behaviours.at(-1) ?? accepts)(response, request, number);
}

export async function startReceiver(first: Behaviour = accepts): Promise<Receiver> {
  const requests: Received[] = [];
  const waiting = new Map<() => void, number>();
  let behaviour = first;
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString();
    const key = String(message.headers["idempotency-key"]);
    const request = { key, headers: message.headers, body, json: JSON.parse(body) };
    requests.push(request);
    for (const [resolve, count] of waiting) if (requests.length >= count) resolve();
    behaviour(response, request, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/in`,
    requests,
    behave(next) {
      behaviour = next;
    },
    async received(count) {
      if (requests.length >= count) return;
      await new Promise<void>((resolve) => waiting.set(resolve, count));
    },
    counts: () => {
      const counts: Record<string, number> = {};
      for (const { key } of requests) counts[key] = (counts[key] ?? 0) + 1;
      return counts;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
