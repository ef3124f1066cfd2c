import type { Route } from "./route.ts";

/** All routes of one path. */
export interface PathRoutes {
  readonly path: string;
  readonly byMethod: ReadonlyMap<string, Route>;
  /** For the `Allow` header of a 405. */
  readonly allow: string;
}

/**
 * Gathers routes by path. Of two for the same path and method the later counts, so that a part of the gateway can take
 * over what stood in for it while it was being opened.
 */
export function routeTable(routes: readonly Route[]): readonly PathRoutes[] {
  const byPath = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = byPath.get(route.path) ?? new Map<string, Route>();
    methods.set(route.method, route);
    byPath.set(route.path, methods);
  }
  return [...byPath].map(([path, byMethod]) => ({ path, byMethod, allow: allowed([...byMethod.keys()]) }));
}

/** The route for a method; HEAD is answered as GET (http.md §3.1). */
export function routeFor({ byMethod }: PathRoutes, method: string): Route | undefined {
  return byMethod.get(method === "HEAD" ? "GET" : method) ?? byMethod.get("ANY");
}

function allowed(methods: readonly string[]): string {
  return methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(",");
}
