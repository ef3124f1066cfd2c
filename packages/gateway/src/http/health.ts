import { version } from "@carapace/protocol";
import { json } from "./security-headers.ts";

export interface HealthDeps {
  /** Since the gateway started. */
  readonly uptimeMs: () => number;
  /** False while the gateway stops, or cannot do its work. */
  readonly isReady: () => boolean | Promise<boolean>;
}

/** `/health` and `/health/live`: the process is there (http.md §6). */
export function health({ uptimeMs }: HealthDeps): Response {
  return json(body("ok", uptimeMs()));
}

/** `/health/ready`: it can do its work. */
export async function readiness({ uptimeMs, isReady }: HealthDeps): Promise<Response> {
  if (await isReady()) return json(body("ready", uptimeMs()));
  return json(body("not_ready", uptimeMs()), 503, { "Retry-After": "5" });
}

function body(status: string, uptimeMs: number) {
  return { status, version, uptimeSeconds: Math.floor(uptimeMs / 1000) };
}
