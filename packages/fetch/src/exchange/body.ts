import type { IncomingMessage } from "node:http";
import { FetchFault, refuseFetch } from "../failures.ts";
import type { Deadline } from "./deadline.ts";
import { decoded, type Encoding } from "./decode.ts";
import { failureOf } from "./send.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly encoding: Encoding;
  readonly deadline: Deadline;
}

/**
 * An answer's body, decompressed; at most `maxBytes` of it before and after that. Throws `FetchFault`. The connection
 * is closed when it ends, however it ends.
 */
export async function* readBody(message: IncomingMessage, limits: BodyLimits): AsyncGenerator<Uint8Array> {
  const { deadline, maxBytes, encoding } = limits;
  try {
    yield* capped(decoded(capped(wireBytes(message), maxBytes), encoding), maxBytes);
    // One whose end is that of the connection looks whole when we close it ourselves.
    if (deadline.failure() !== undefined) throw new Error("the time was up first");
  } catch (error) {
    const cut = deadline.failure();
    throw cut === undefined ? error : new FetchFault(refuseFetch(cut, true));
  } finally {
    message.destroy();
    deadline[Symbol.dispose]();
  }
}

/** Whether the answer says itself that it is too large. */
export function saysTooLarge(message: IncomingMessage, maxBytes: number): boolean {
  return Number(message.headers["content-length"] ?? 0) > maxBytes;
}

async function* wireBytes(message: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of message) if (part instanceof Uint8Array) yield part;
    if (!message.complete || !message.readableEnded) throw new Error("the answer was not read to its end");
  } catch (error) {
    // A connection that closes early is no connection that failed: what came is not the whole answer.
    const failure = failureOf(error);
    throw new FetchFault(refuseFetch(failure === "unreachable" ? "bad_response" : failure, true));
  }
}

async function* capped(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > maxBytes) throw new FetchFault(refuseFetch("too_large", true));
    yield part;
  }
}
