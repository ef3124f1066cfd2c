import type { Config } from "@carapace/config";
import type { z } from "zod";
import type { Peer } from "../listen/peer.ts";

/**
 * Which callers a route hears, and how it words its refusals (http.md §4, §4.6). `local`: this machine without further
 * ado, others as the control API. `page`: anybody; the answers are pages and their files, and say themselves how long
 * they may be kept.
 */
export type RouteFamily = "public" | "local" | "page" | "control" | "openai" | "tools" | "hooks" | "webhook";

type RouteMethod = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

/** One entry of the HTTP table (http.md §5). `Bun.serve` matches the paths: `/a/:id`, and `/a/*` for all below. */
export interface Route {
  readonly method: RouteMethod | "ANY";
  readonly path: string;
  readonly family: RouteFamily;
  /** For requests that ask for more than others may see. Contract: quick; absent: all are heard alike. */
  readonly familyFor?: (url: URL) => RouteFamily;
  /** The largest body in bytes (http.md §3.2); absent: the body is not read, and one that is sent is dropped. */
  readonly maxBodyBytes?: number;
  /**
   * How long the route may take until it answers, in seconds; 60 unless told. Then its signal fires, and the caller gets
   * a 504. A stream of events may last as long as it likes once it has begun.
   */
  readonly timeoutSeconds?: number;
  /** For `/openapi.json`. */
  readonly doc: RouteDoc;
  /** Contract: a throw is a fault, answered with 500 and logged. The pipeline adds security headers and the request id. */
  readonly handle: (visit: Visit) => Response | Promise<Response>;
}

/**
 * The routes as the configuration has them; asked again whenever it changes. Contract: quick, and without an effect but
 * loading what serves them: a gateway that has them switched off need not hold it.
 */
export type RouteSource = (settings: Config) => readonly Route[] | Promise<readonly Route[]>;

/** What the OpenAPI document says of a route. */
export interface RouteDoc {
  readonly summary: string;
  readonly tag: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** By status. */
  readonly answers: Readonly<
    Record<number, { readonly say: string; readonly schema?: z.ZodType; readonly type?: string }>
  >;
}

/** One request on its way through the table, its caller known and its body not yet read. */
export interface Visit {
  readonly request: Request;
  readonly peer: Peer;
  /** The caller's address as the trusted proxies tell it (http.md §4.4); for limits and sender ids. */
  readonly clientIp: string;
  /** Whether what the caller sees is https: our own, or that of a trusted proxy. */
  readonly isSecure: boolean;
  /** Also in the answer's `x-request-id` and in the log. */
  readonly requestId: string;
  /** Path and query as they were sent. */
  readonly url: URL;
  /** Of the pattern, percent-decoded; what `/*` stands for is `*`. */
  readonly params: Readonly<Record<string, string>>;
  /** Fires when the caller goes away, or the request's time is up. */
  readonly signal: AbortSignal;
  /** Who was let in: the owner by a credential, on this machine without one, or through a tailnet. */
  readonly caller: Caller;
  /**
   * The body, read once, within `maxBodyBytes` and the time for it.
   * @returns the finished answer (413, 408) in the family's wording where it cannot be had.
   */
  body(): Promise<BodyOutcome>;
}

export type BodyOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array; text(): string }
  | { readonly ok: false; readonly response: Response };

export interface Caller {
  readonly kind: "bearer" | "local" | "tailscale" | "public";
  /** The tailnet login, if that let it in. */
  readonly login?: string;
}
