import { type FetchResult, fetched, refuseFetch } from "../failures.ts";
import type { Target } from "../url/check-url.ts";

/** What shapes the connection or the message is ours to say. */
const ours: ReadonlySet<string> = new Set([
  ...[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
  ],
  ...["proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
]);

/** What another server may be told; anything else may be a credential, whatever it is called. */
const harmless: ReadonlySet<string> = new Set(["accept", "accept-language", "content-type", "user-agent"]);

const maxHeaderBytes = 32 * 1024;

export type RequestHeaders = Readonly<Record<string, string>>;

/** The caller's headers with lower-case names, if all of them can be sent. */
export function checkHeaders(headers: RequestHeaders): FetchResult<RequestHeaders> {
  const checked: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    bytes += name.length + value.length + 4;
    const isFit = /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    if (!isFit || ours.has(lower) || Object.hasOwn(checked, lower) || bytes > maxHeaderBytes)
      return refuseFetch("invalid_headers");
    checked[lower] = value;
  }
  return fetched(checked);
}

/** The headers that go along to another server. */
export function withoutCredentials(headers: RequestHeaders): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name)));
}

/** The headers that describe a body, gone with it. */
export function withoutBody(headers: RequestHeaders): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("content-")));
}

/** What is sent: the caller's headers and ours. */
export function sentHeaders(
  target: Target,
  headers: RequestHeaders,
  body: Uint8Array | undefined,
): Record<string, string> {
  return {
    "user-agent": "carapace",
    ...headers,
    host: target.url.host,
    "accept-encoding": "gzip, br",
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
  };
}
