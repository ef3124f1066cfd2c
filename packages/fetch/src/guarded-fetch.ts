import type { IncomingMessage } from "node:http";
import { readBody, saysTooLarge } from "./exchange/body.ts";
import { type Deadline, startDeadline } from "./exchange/deadline.ts";
import { type Encoding, encodingOf } from "./exchange/decode.ts";
import { checkHeaders, type RequestHeaders, sentHeaders } from "./exchange/headers.ts";
import { follow, type Hop, type Method, redirectOf } from "./exchange/redirect.ts";
import { allowedAddresses, type Resolve, systemResolve } from "./exchange/resolve.ts";
import { send } from "./exchange/send.ts";
import { FetchFault, type FetchRefusal, type FetchResult, fetched, refuseFetch } from "./failures.ts";
import { checkUrl, type Target, type UrlPolicy } from "./url/check-url.ts";

export interface FetchOptions extends UrlPolicy {
  /** Default: GET. */
  readonly method?: Method;
  readonly headers?: RequestHeaders;
  readonly body?: string | Uint8Array;
  /** From the first look-up to the last byte; default 30 000, at most 300 000. */
  readonly timeoutMs?: number;
  /** From the first look-up, a long upload included, until the answer begins; default 30 000. */
  readonly headerTimeoutMs?: number;
  /** Of the answer's body, compressed and not; default 256 KiB, at most 100 MiB. */
  readonly maxBytes?: number;
  /** How many redirects are followed; default none: the answer is the redirect itself then. */
  readonly redirects?: 0 | 1 | 2 | 3;
  /** Instead of the system's resolver. */
  readonly resolve?: Resolve;
  /** PEM; instead of the system's certificate authorities. */
  readonly certificateAuthorities?: string;
  readonly signal?: AbortSignal;
}

/** What a server answered, whatever its status. */
export interface GuardedResponse {
  /** The true one: whether 404 is a failure is for the caller to say. */
  readonly status: number;
  readonly headers: Headers;
  /** Decompressed. */
  readonly bytes: Uint8Array;
  /** The one that answered, after redirects. */
  readonly url: string;
}

/** An answer whose body is read as it comes. */
export interface GuardedStream extends Omit<GuardedResponse, "bytes">, AsyncDisposable {
  /** Once. Throws {@link FetchFault}. */
  readonly body: AsyncIterable<Uint8Array>;
}

const usualHeaderTimeoutMs = 30_000;

/**
 * Fetches a URL that somebody else chose (http.md §14): only from public addresses unless the owner says otherwise, only
 * from the very address that was checked, within limits of size and time. Never throws but for limits out of range.
 */
export async function guardedFetch(
  url: string,
  options: FetchOptions = {},
): Promise<FetchResult<GuardedResponse>> {
  const opened = await openFetch(url, options);
  if (!opened.ok) return opened;
  const { body, status, headers, url: answering } = opened.value;
  const parts: Uint8Array[] = [];
  try {
    for await (const part of body) parts.push(part);
  } catch (error) {
    if (error instanceof FetchFault) return error.refusal;
    throw error;
  }
  return fetched({ status, headers, bytes: new Uint8Array(Buffer.concat(parts)), url: answering });
}

/** {@link guardedFetch}, for what is too large to hold: whoever opens it reads `body` to its end, or disposes of it. */
export async function openFetch(
  url: string,
  options: FetchOptions = {},
): Promise<FetchResult<GuardedStream>> {
  const timeoutMs = inRange(options.timeoutMs ?? 30_000, 300_000);
  const maxBytes = inRange(options.maxBytes ?? 256 * 1024, 100 * 1024 * 1024);
  const headerTimeoutMs = inRange(options.headerTimeoutMs ?? usualHeaderTimeoutMs, 300_000);
  const headers = checkHeaders(options.headers ?? {});
  if (!headers.ok) return headers;
  const body = typeof options.body === "string" ? Buffer.from(options.body) : options.body;
  const deadline = startDeadline({ timeoutMs, headerTimeoutMs }, options.signal);
  const first: Hop = { url, method: options.method ?? "GET", headers: headers.value, body };
  const answer = await answerOf(first, { options, deadline, maxBytes });
  if (answer.ok) return answer;
  const { mayHaveArrived } = answer;
  const cut = deadline.failure();
  deadline[Symbol.dispose]();
  return cut === undefined ? answer : refuseFetch(cut, mayHaveArrived);
}

interface Circumstances {
  readonly options: FetchOptions;
  readonly deadline: Deadline;
  readonly maxBytes: number;
}

async function answerOf(first: Hop, circumstances: Circumstances): Promise<FetchResult<GuardedStream>> {
  const redirects = circumstances.options.redirects ?? 0;
  const strict = { ...circumstances, options: { ...circumstances.options, allowPrivate: false } };
  let hop = first;
  for (let followed = 0; ; followed++) {
    const answer = await ask(hop, isSameOrigin(hop.url, first.url) ? circumstances : strict);
    if (!answer.ok) return followed === 0 ? answer : ofRedirect(answer);
    const { message, target } = answer.value;
    const status = message.statusCode ?? 0;
    const location = redirectOf(status, message.headers.location);
    if (location === undefined || redirects === 0)
      return streamOf(message, { target, method: hop.method, circumstances });
    message.destroy();
    if (followed === redirects) return refuseFetch("too_many_redirects", true);
    const next = follow(hop, status, location);
    if (!next.ok) return next;
    hop = next.value;
  }
}

/** The owner's word for a private target holds for that server, not for where it sends us. */
function isSameOrigin(url: string, other: string): boolean {
  return URL.parse(url)?.origin === URL.parse(other)?.origin;
}

/** What is wrong with the URL of a redirect is not the caller's mistake; the first server had the request. */
function ofRedirect(refusal: FetchRefusal): FetchRefusal {
  const isFault = refusal.code === "unavailable";
  return refuseFetch(
    isFault || refusal.reason === "blocked_address" ? refusal.reason : "redirect_refused",
    true,
  );
}

interface Answer {
  readonly message: IncomingMessage;
  readonly target: Target;
}

/** One request to one server: every address of its name is checked, and tried in turn as long as none can be reached. */
async function ask(hop: Hop, { options, deadline }: Circumstances): Promise<FetchResult<Answer>> {
  const { signal } = deadline;
  const target = checkUrl(hop.url, options);
  if (!target.ok) return target;
  const resolve = options.resolve ?? systemResolve;
  const addresses = await allowedAddresses(target.value, { policy: options, resolve, signal });
  if (!addresses.ok) return addresses;
  const request = {
    target: target.value,
    method: hop.method,
    headers: sentHeaders(target.value, hop.headers, hop.body),
    body: hop.body,
    certificateAuthorities: options.certificateAuthorities,
    signal,
  };
  let failed = refuseFetch("unreachable");
  for (const address of addresses.value.slice(0, 3)) {
    const answer = await send({ ...request, address });
    if (answer.ok) return fetched({ message: answer.value, target: target.value });
    failed = answer;
    if (answer.reason !== "unreachable" || answer.mayHaveArrived) break;
  }
  return failed;
}

function streamOf(
  message: IncomingMessage,
  request: { readonly target: Target; readonly method: Method; readonly circumstances: Circumstances },
): FetchResult<GuardedStream> {
  const { deadline, maxBytes } = request.circumstances;
  deadline.headersCame();
  const status = message.statusCode ?? 0;
  const headers = headersOf(message);
  const hasBody = request.method !== "HEAD" && status !== 204 && status !== 304;
  const encoding: Encoding | undefined = hasBody
    ? encodingOf(headers?.get("content-encoding") ?? null)
    : "identity";
  const isTooLarge = hasBody && saysTooLarge(message, maxBytes);
  if (headers === undefined || encoding === undefined || isTooLarge) {
    message.destroy();
    return refuseFetch(
      isTooLarge ? "too_large" : headers === undefined ? "bad_response" : "bad_encoding",
      true,
    );
  }
  const body = readBody(message, { maxBytes, encoding, deadline });
  const close = async () => {
    message.destroy();
    deadline[Symbol.dispose]();
    await body.return(undefined);
  };
  return fetched({ status, headers, url: request.target.url.href, body, [Symbol.asyncDispose]: close });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers | undefined {
  const headers = new Headers();
  try {
    for (let index = 0; index + 1 < rawHeaders.length; index += 2)
      headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
    return headers;
  } catch {
    return undefined;
  }
}

/** No limit at all is a mistake of whoever calls. */
function inRange(value: number, max: number): number {
  if (!(value > 0 && value <= max)) throw new RangeError(`a limit must be above 0 and at most ${max}`);
  return value;
}
