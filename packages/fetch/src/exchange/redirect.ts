import { type FetchResult, fetched, refuseFetch } from "../failures.ts";
import { type RequestHeaders, withoutBody, withoutCredentials } from "./headers.ts";

/** What is asked for, of one server. */
export interface Hop {
  readonly url: string;
  readonly method: Method;
  readonly headers: RequestHeaders;
  readonly body?: Uint8Array | undefined;
}

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer redirects to, if it does. */
export function redirectOf(status: number, location: string | undefined): string | undefined {
  return statuses.has(status) ? location : undefined;
}

/**
 * Pure. The request that follows a redirect (RFC 9110 §15.4). To another server go neither credentials nor a body, and
 * never from https to http. The new URL is not judged here: it goes through the same checks as the first.
 */
export function follow(hop: Hop, status: number, location: string): FetchResult<Hop> {
  const url = URL.parse(location, hop.url);
  if (url === null) return refuseFetch("redirect_refused", true);
  const from = new URL(hop.url);
  if (from.protocol === "https:" && url.protocol !== "https:") return refuseFetch("redirect_refused", true);
  const next = { ...asGet(hop, status), url: url.href };
  if (url.origin === from.origin) return fetched(next);
  if (next.body !== undefined) return refuseFetch("redirect_refused", true);
  return fetched({ ...next, headers: withoutCredentials(next.headers) });
}

function asGet({ body, ...hop }: Hop, status: number): Hop {
  const isRead = hop.method === "GET" || hop.method === "HEAD";
  const becomesGet = status === 303 ? !isRead : (status === 301 || status === 302) && hop.method === "POST";
  if (becomesGet) return { ...hop, method: "GET", headers: withoutBody(hop.headers) };
  return body === undefined ? hop : { ...hop, body };
}
