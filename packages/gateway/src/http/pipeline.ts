import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type AdmitDeps, admit } from "./admit.ts";
import { type Arrival, type Particulars, particularsOf } from "./arrival.ts";
import { type BodyTimes, readBody } from "./body.ts";
import type { BodyRoom } from "./body-room.ts";
import { type Csrf, denyForeignPage } from "./csrf.ts";
import { endingStream, isEventStream } from "./event-stream.ts";
import { familyWords } from "./families.ts";
import type { Flights } from "./flights.ts";
import { matchPath } from "./path-params.ts";
import { type Counted, type RateLimits, tooManyRequests } from "./rate-limits.ts";
import type { Caller, Route, Visit } from "./route.ts";
import { type PathRoutes, routeFor } from "./route-table.ts";
import { secure } from "./security-headers.ts";
import type { HttpSettings } from "./settings.ts";
import { withinTime } from "./within-time.ts";

export interface PipelineDeps extends AdmitDeps {
  readonly newId: () => string;
  /** As they are now. */
  readonly settings: () => HttpSettings;
  readonly limits: RateLimits;
  readonly csrf: Csrf;
  readonly flights: Flights;
  readonly bodyTimes: BodyTimes;
  readonly bodyRoom: BodyRoom;
  /** No new work is taken. */
  readonly isStopping: () => boolean;
  readonly metrics: Pick<Metrics, "count" | "counter" | "observe" | "read">;
  readonly log: Pick<Log, "error">;
}

/** What stands behind a path: its routes, or an answer when there are none. */
export type Behind = PathRoutes | { readonly path: undefined; readonly answer: () => Response };

/**
 * Answers one request: rate, forgery, caller, route, in this order, and security headers over all (http.md §3). Every
 * refusal is made before the body is read. Never throws.
 */
export async function answer(arrival: Arrival, behind: Behind, deps: PipelineDeps): Promise<Response> {
  const startedAt = performance.now();
  const { request } = arrival;
  const known = { ...arrival, ...particularsOf(arrival, { ...deps.settings(), newId: deps.newId }) };
  const limit = counted(known, behind, deps);
  const response = limit.isAllowed
    ? await routed(known, behind, deps)
    : tooManyRequests(limit.retryAfterSeconds);
  for (const [name, value] of Object.entries(limit.headers)) response.headers.set(name, value);
  response.headers.set("x-request-id", known.requestId);
  if (deps.isStopping()) response.headers.set("Connection", "close");
  const family = behind.path === undefined ? "none" : (routeFor(behind, request.method)?.family ?? "none");
  deps.metrics.observe("http_request_duration_seconds", { family }, (performance.now() - startedAt) / 1000);
  const method = methods.has(request.method) ? request.method : "other";
  const status = String(response.status);
  deps.metrics.count("http_requests_total", { method, path: behind.path ?? "other", status });
  const host = request.headers.get("host");
  return secure(response, { isPage: family === "page", isTls: known.isTls, host });
}

/** Counts a request against its caller's limit, and tells of one that is above it. */
function counted({ peer, url, clientIp }: Known, behind: Behind, deps: PipelineDeps): Counted {
  const caller = peer.isLocalDirect ? undefined : clientIp;
  const limit = deps.limits.count(url.pathname, caller, deps.settings().rates);
  if (!limit.isAllowed) {
    const endpoint = behind.path ?? "other";
    deps.metrics.count("rate_limit_hits_total", { endpoint });
    const told = { method: deps.credentials.mode, clientId: "http", ip: clientIp, endpoint };
    deps.arrivals.refused({ kind: "rate_limit_hit", ...told, reason: "too many requests" });
  }
  return limit;
}

const methods = new Set(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]);
const changing = new Set(["POST", "PATCH", "PUT", "DELETE"]);

type Known = Arrival & Particulars;

/** A matched request on its way to its route. */
interface Way {
  readonly route: Route;
  readonly params: Visit["params"];
}

async function routed(request: Known, behind: Behind, deps: PipelineDeps): Promise<Response> {
  // Two of them: whoever stands in front may have read the other.
  if (request.request.headers.get("host")?.includes(",")) return badRequest();
  if (behind.path === undefined) return behind.answer();
  const match = matchPath(behind.path, request.url.pathname);
  if (match.kind === "none") return notFound();
  if (match.kind === "undecodable") return badRequest();
  const route = routeFor(behind, request.request.method);
  if (route === undefined) {
    return new Response("Method Not Allowed", { status: 405, headers: { Allow: behind.allow } });
  }
  try {
    return await heard(request, { route, params: match.params }, deps);
  } catch (error) {
    deps.log.error("a request failed", { requestId: request.requestId, path: route.path, error });
    return familyWords[route.family].fault();
  }
}

/** Everything that can refuse a request, then its route. */
async function heard(known: Known, way: Way, deps: PipelineDeps): Promise<Response> {
  const { request, scheme } = known;
  const { path } = way.route;
  const family = way.route.familyFor?.(known.url) ?? way.route.family;
  const words = familyWords[family];
  if (deps.isStopping() && family !== "public") return words.stopping();
  const isChange = changing.has(request.method);
  const forged =
    isChange && path.startsWith("/control/") ? deps.csrf.deny(request.headers, scheme) : undefined;
  if (forged !== undefined) return forged;
  const admitted = await admit(known, family, deps);
  if (!admitted.ok) return admitted.response;
  const { caller } = admitted;
  if (isChange && (caller.kind === "local" || caller.kind === "tailscale")) {
    const foreign = denyForeignPage(request.headers, scheme);
    if (foreign !== undefined) return foreign;
    if (hasBody(request.headers) && !saysJson(request.headers)) return words.notJson();
  }
  return await visited(known, { ...way, caller }, deps);
}

async function visited(
  known: Known,
  { route, params, caller }: Way & { readonly caller: Caller },
  deps: PipelineDeps,
): Promise<Response> {
  const { request, peer, clientIp, requestId, url, scheme } = known;
  // The route's own time holds until it has answered.
  known.mayBeSilent(0);
  const flight = deps.flights.begin(() => known.mayBeSilent(silentSeconds));
  let isLasting = false;
  try {
    const response = await withinTime({ route, signal: request.signal, flight }, async (signal) => {
      const room = caller.kind === "public" ? deps.bodyRoom : undefined;
      const body = () => readBody(request, route, { ...deps.bodyTimes, room });
      const isSecure = scheme === "https";
      return await route.handle({
        ...{ request, peer, clientIp, isSecure, requestId, url, params, signal, caller, body },
      });
    });
    if (request.method === "HEAD" && isEventStream(response)) return await onlyHead(response);
    isLasting = isEventStream(response) && response.body !== null;
    return isLasting ? endingStream(response, flight) : response;
  } finally {
    if (!isLasting) flight.end();
  }
}

/** Nobody will read the events. */
async function onlyHead({ body, status, headers }: Response): Promise<Response> {
  await body?.cancel("only the head was asked for");
  return new Response(null, { status, headers });
}

/** How long a connection may take to carry an answer away, or be idle. */
export const silentSeconds = 75;

/** The answer to a path nobody serves. */
export function notFound(): Response {
  return new Response("Not Found", { status: 404 });
}

function badRequest(): Response {
  return new Response("Bad Request", { status: 400 });
}

function hasBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0";
}

function saysJson(headers: Headers): boolean {
  return /^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "");
}
