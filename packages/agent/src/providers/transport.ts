import { FrameWatch } from "./frame-watch.ts";
import { SseWatch } from "./sse-watch.ts";
import { asTransportError, TransportError } from "./transport-error.ts";

/** How long and how much we wait for; there is no limit on the whole of a reply's time (agent.md §4.1 *Fix*). */
export interface TransportLimits {
  /** From sending the request to the reply's headers. */
  readonly headerTimeoutMs: number;
  /** Between two pieces of the body, whatever they hold. */
  readonly idleTimeoutMs: number;
}

/** One request's way to a vendor. */
export interface Transport {
  readonly fetch: FetchLike;
  readonly ending: () => TransportEnding;
}

/** How a stream's bytes ended. */
export interface TransportEnding {
  /** Whether the stream said `[DONE]`. */
  readonly sawDone: boolean;
  /** What cut it short. */
  readonly fault?: TransportError;
}

/** How a vendor cuts its stream into pieces: lines of server-sent events, or the frames of AWS. */
export type Framing = "sse" | "aws";

/** What the vendors' SDKs ask for as their `fetch`. */
export type FetchLike = typeof globalThis.fetch;

const maxErrorBytes = 256 * 1024;
const maxLineBytes = 1024 * 1024;
const maxFrameBytes = 8 * 1024 * 1024;
/** Far above what any model writes; bounds a server that never ends. */
const maxReplyBytes = 64 * 1024 * 1024;

/**
 * The fetch handed to an SDK. Goes straight to the vendor: no proxy from the environment, no redirect (either would
 * carry the key elsewhere). Throws {@link TransportError}, or the signal's reason once it fired.
 */
export function openTransport(
  limits: TransportLimits,
  signal: AbortSignal,
  framing: Framing = "sse",
): Transport {
  let ending: TransportEnding = { sawDone: false };
  const send = async (input: string | URL | Request, init?: RequestInit | BunFetchRequestInit) => {
    const headers = new Headers(init?.headers);
    headers.set("accept", mediaTypes[framing]);
    // A compressed stream comes in blocks, not when the model speaks.
    headers.set("accept-encoding", "identity");
    const response = await fetchHeaders(input, { ...init, headers, signal }, limits.headerTimeoutMs);
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new TransportError("redirect");
    }
    if (!response.ok) return replaceBody(response, await readCapped(response, limits.idleTimeoutMs));
    if (isDocument(response)) {
      throw new TransportError(
        "not_a_stream",
        new TextDecoder().decode(await readCapped(response, limits.idleTimeoutMs)),
      );
    }
    if (response.body === null) throw new TransportError("reset");
    return replaceBody(
      response,
      guardedBody(response.body, {
        watch: watches[framing](),
        idleTimeoutMs: limits.idleTimeoutMs,
        onEnd: (how) => (ending = how),
      }),
    );
  };
  return { fetch: Object.assign(send, { preconnect: () => {} }), ending: () => ending };
}

/** A web page, or JSON where a stream was asked for: not the API, or not its streaming. */
function isDocument(response: Response): boolean {
  return /^(text\/html|application\/json)\b/i.test(response.headers.get("content-type") ?? "");
}

async function fetchHeaders(
  input: string | URL | Request,
  init: BunFetchRequestInit & { signal: AbortSignal },
  timeoutMs: number,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const signal = AbortSignal.any([init.signal, late.signal]);
    return await fetch(input, { ...init, signal, redirect: "manual", proxy: false, timeout: false });
  } catch (error) {
    init.signal.throwIfAborted();
    throw late.signal.aborted ? new TransportError("header_timeout") : asTransportError(error);
  } finally {
    clearTimeout(timer);
  }
}

function replaceBody(
  response: Response,
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
): Response {
  return new Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

/** The first bytes of a body that is not a stream, 256 KiB unless told; what came until then if it stalls or breaks. */
async function readCapped(
  response: Response,
  timeoutMs: number,
  maxBytes = maxErrorBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const pieces: Uint8Array[] = [];
  let size = 0;
  // One deadline for all of it: a body that drips must not hold the turn.
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), timeoutMs);
  try {
    while (size < maxBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      size += value.length;
    }
  } catch {
    // The status says what went wrong; a broken body only costs its wording.
  } finally {
    clearTimeout(timer);
    void reader.cancel().catch(() => {});
  }
  return new Uint8Array(Buffer.concat(pieces).subarray(0, maxBytes));
}

/** Looks at the bytes of a stream as they pass. */
interface Watch {
  push(bytes: Uint8Array): "more" | "done" | "too_long";
}

interface Guard {
  readonly watch: Watch;
  readonly idleTimeoutMs: number;
  readonly onEnd: (ending: TransportEnding) => void;
}

const mediaTypes: Readonly<Record<Framing, string>> = {
  sse: "text/event-stream",
  aws: "application/vnd.amazon.eventstream",
};

const watches: Readonly<Record<Framing, () => Watch>> = {
  sse: () => new SseWatch(maxLineBytes),
  aws: () => new FrameWatch(maxFrameBytes),
};

/**
 * Passes a stream on, piece by piece as it is asked for, as long as it moves, stays in its limits and is not done. A cut
 * ends it like a proper end, told only to `onEnd`: an error would take along what the SDK has read but not passed on yet.
 */
function guardedBody(
  body: ReadableStream<Uint8Array>,
  { watch, idleTimeoutMs, onEnd }: Guard,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  const drop = () => void reader.cancel().catch(() => {});
  const pass = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> => {
    const value = await readWithin(reader, idleTimeoutMs);
    if (value === undefined) return false;
    size += value.length;
    const seen = watch.push(value);
    if (seen === "too_long" || size > maxReplyBytes) throw new TransportError("too_large");
    controller.enqueue(value);
    // Some servers keep the connection open after the end they announced.
    if (seen === "done") onEnd({ sawDone: true });
    return seen === "more";
  };
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      if (await pass(controller)) return;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      onEnd({ sawDone: false, fault: error });
    }
    drop();
    controller.close();
  };
  return new ReadableStream<Uint8Array>({ pull, cancel: drop }, { highWaterMark: 0 });
}

/** A stream's reader, as far as it is used here: the platform's types for it disagree. */
interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** @returns undefined at the end of the body. */
async function readWithin(reader: ByteReader, idleTimeoutMs: number): Promise<Uint8Array | undefined> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => {});
  }, idleTimeoutMs);
  try {
    const { done, value } = await reader.read();
    if (isLate) throw new TransportError("idle_timeout");
    return done ? undefined : value;
  } catch (error) {
    throw isLate
      ? new TransportError("idle_timeout")
      : error instanceof DOMException
        ? error
        : asTransportError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** A request for a JSON document. */
export interface JsonRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Until the headers, and again until the end of the body. */
  readonly timeoutMs: number;
  /** Of the body; default 256 KiB. What is longer cannot be read. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** Posted, as a form. */
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * Asks a vendor for a JSON document, under the same rules.
 * @throws {TransportError}, an error with the `statusCode` and `responseBody` of a refusal, or the signal's reason.
 */
export async function getJson(url: string, request: JsonRequest): Promise<unknown> {
  return (await getAnswer(url, request)).body;
}

/** {@link getJson}, with the headers of the answer. */
export async function getAnswer(
  url: string,
  { headers, timeoutMs, maxBytes, form, signal = new AbortController().signal }: JsonRequest,
): Promise<{ readonly body: unknown; readonly headers: Headers }> {
  const posted = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
  const response = await fetchHeaders(url, { headers, signal, ...posted }, timeoutMs);
  const text = new TextDecoder().decode(await readCapped(response, timeoutMs, maxBytes));
  if (response.status >= 300 && response.status < 400) throw new TransportError("redirect");
  if (!response.ok) {
    const responseHeaders = Object.fromEntries(response.headers);
    const refusal = { statusCode: response.status, responseBody: text, responseHeaders };
    throw Object.assign(new Error("refused"), refusal);
  }
  try {
    return { body: JSON.parse(text), headers: response.headers };
  } catch {
    throw new TransportError("not_a_stream", text);
  }
}
