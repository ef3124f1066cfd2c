import { version } from "@carapace/protocol";
import { json } from "./json.ts";
import type { Route } from "./route.ts";

export interface HealthDeps {
  /** Since the gateway started. */
  readonly uptimeMs: () => number;
  /** False while the gateway stops, or cannot do its work. */
  readonly isReady: () => boolean | Promise<boolean>;
}

/** `/health` and what lies below it (http.md §6). */
export function healthRoutes(deps: HealthDeps): readonly Route[] {
  const live = (path: string): Route => ({
    ...{ method: "GET", path, family: "public" },
    doc: {
      summary: "Say that the process is there",
      tag: "health",
      answers: { 200: { say: "It is." } },
    },
    handle: () => json(body("ok", deps.uptimeMs())),
  });
  const ready: Route = {
    ...{ method: "GET", path: "/health/ready", family: "public" },
    doc: {
      summary: "Say whether the gateway can do its work",
      tag: "health",
      answers: { 200: { say: "It can." }, 503: { say: "It starts, stops, or cannot write." } },
    },
    handle: () => readiness(deps),
  };
  return [live("/health"), live("/health/live"), ready];
}

async function readiness({ uptimeMs, isReady }: HealthDeps): Promise<Response> {
  if (await isReady()) return json(body("ready", uptimeMs()));
  return json(body("not_ready", uptimeMs()), 503, { "Retry-After": "5" });
}

function body(status: string, uptimeMs: number) {
  return { status, version, uptimeSeconds: Math.floor(uptimeMs / 1000) };
}
