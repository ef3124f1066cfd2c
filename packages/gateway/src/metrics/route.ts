import type { Route, RouteSource } from "../http/route.ts";
import type { Metrics } from "./metrics.ts";

/** `/metrics` in Prometheus' text format (http.md §7): free for this machine, for others as the owner has it. */
export function metricsRoutes(metrics: Metrics): RouteSource {
  const route = (family: Route["family"]): Route => ({
    method: "GET",
    path: "/metrics",
    family,
    doc: {
      summary: "Figures for monitoring, in Prometheus' text format",
      tag: "health",
      answers: { 200: { say: "The figures", type: contentType } },
    },
    handle: async () => new Response(await metrics.render(), { headers: { "Content-Type": contentType } }),
  });
  const routes = { open: [route("public")], guarded: [route("local")] };
  return ({ gateway }) => (gateway.metrics.public ? routes.open : routes.guarded);
}

const contentType = "text/plain; version=0.0.4; charset=utf-8";
