import type { Peer } from "../listen/peer.ts";
import { type ControlDeps, control } from "./control.ts";
import { type HealthDeps, health, readiness } from "./health.ts";
import { json } from "./security-headers.ts";

export interface HttpDeps extends HealthDeps, ControlDeps {}

/** One request and whom it came from. */
export interface Visit {
  readonly request: Request;
  readonly peer: Peer;
}

type Route = (visit: Visit, deps: HttpDeps) => Response | Promise<Response>;

/** Every path of this version (http.md §5); all of them are read with GET. */
const routes: Readonly<Record<string, Route>> = {
  "/health": (_visit, deps) => health(deps),
  "/health/live": (_visit, deps) => health(deps),
  "/health/ready": (_visit, deps) => readiness(deps),
  "/control/status": control,
};

/** Answers one HTTP request; an unknown path is 404, another verb than GET or HEAD is 405. */
export function answer(visit: Visit, deps: HttpDeps): Response | Promise<Response> {
  const path = pathOf(visit.request.url);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return json({ ok: false, error: "Not Found" }, 404);
  const { method } = visit.request;
  if (method === "GET" || method === "HEAD") return route(visit, deps);
  return json({ ok: false, error: "Method Not Allowed" }, 405, { Allow: "GET,HEAD" });
}

/** The path of a request's URL; without a usable `Host` the server hands on the bare path. */
export function pathOf(url: string): string {
  const absolute = url.startsWith("/") ? url : url.slice(url.indexOf("/", url.indexOf("://") + 3));
  return absolute.replace(/[?#].*$/s, "");
}
