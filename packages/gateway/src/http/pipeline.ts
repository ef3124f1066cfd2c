import type { Peer } from "../listen/peer.ts";
import type { Log } from "../log/log.ts";
import { readBody } from "./body.ts";
import { familyWords } from "./families.ts";
import { hasHooksToken } from "./hooks-auth.ts";
import { matchPath } from "./path-params.ts";
import type { Caller, Route, Visit } from "./route.ts";
import { type PathRoutes, routeFor } from "./route-table.ts";
import { secured } from "./security-headers.ts";
import { type Knock, type ServiceAuthDeps, serviceCaller } from "./service-auth.ts";

export interface PipelineDeps extends ServiceAuthDeps {
  readonly newId: () => string;
  /** `gateway.hooks.token` as it is now. */
  readonly hooksToken: () => string | undefined;
  readonly log: Pick<Log, "error">;
}

/** A request and where it came from. */
export interface Arrival {
  readonly request: Request;
  readonly peer: Peer;
}

/** Answers a request for a known path: method, caller, route, headers. */
export async function answer(arrival: Arrival, routes: PathRoutes, deps: PipelineDeps): Promise<Response> {
  const requestId = deps.newId();
  const response = await routed(arrival, { routes, requestId, deps });
  response.headers.set("x-request-id", requestId);
  return secured(response);
}

interface Way {
  readonly routes: PathRoutes;
  readonly requestId: string;
  readonly deps: PipelineDeps;
}

async function routed({ request, peer }: Arrival, { routes, requestId, deps }: Way): Promise<Response> {
  const url = urlOf(request);
  const match = matchPath(routes.path, url.pathname);
  if (match.kind === "none") return notFound();
  if (match.kind === "undecodable") return new Response("Bad Request", { status: 400 });
  const route = routeFor(routes, request.method);
  if (route === undefined) {
    return new Response("Method Not Allowed", { status: 405, headers: { Allow: routes.allow } });
  }
  try {
    const caller = await callerOf({ request, peer, url }, route, deps);
    if (caller === undefined) return familyWords[route.family].unauthorized();
    const visit: Visit = {
      ...{ request, peer, clientIp: peer.ip, requestId, url, params: match.params, caller },
      signal: request.signal,
      body: () => readBody(request, route),
    };
    return await route.handle(visit);
  } catch (error) {
    deps.log.error("a request failed", { requestId, path: routes.path, error });
    return familyWords[route.family].fault();
  }
}

/** The answer to a path nobody serves. */
export function notFound(): Response {
  return new Response("Not Found", { status: 404 });
}

async function callerOf(knock: Knock, { family }: Route, deps: PipelineDeps): Promise<Caller | undefined> {
  switch (family) {
    case "public":
    case "webhook":
      return { kind: "public" };
    case "hooks":
      return hasHooksToken(knock.request.headers, deps.hooksToken()) ? { kind: "bearer" } : undefined;
    case "local":
      return knock.peer.isLocalDirect ? { kind: "local" } : await serviceCaller(knock, deps);
    case "control":
    case "openai":
    case "tools":
      return await serviceCaller(knock, deps);
  }
}

/** Without a usable `Host` the server hands on the bare path. */
function urlOf({ url }: Request): URL {
  return new URL(url.startsWith("/") ? `http://localhost${url}` : url);
}
