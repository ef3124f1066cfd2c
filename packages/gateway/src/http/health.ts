import { healthBodies, version } from "@carapace/protocol";
import { json } from "./json.ts";
import type { Route } from "./route.ts";
import { apiHeaders } from "./security-headers.ts";

export interface HealthDeps {
  /** Since the gateway started. */
  readonly uptimeMs: () => number;
  /** False while the gateway stops, or cannot do its work. */
  readonly isReady: () => boolean | Promise<boolean>;
  /** What keeps it from its work; told to its owner only. */
  readonly failing?: (() => Promise<readonly FailingCheck[]>) | undefined;
}

/** One reason not to be ready. */
export interface FailingCheck {
  readonly name: string;
  readonly say: string;
}

/** `/health` and what lies below it (http.md §6). */
export function healthRoutes(deps: HealthDeps): readonly Route[] {
  const alive = createAliveAnswer(deps.uptimeMs);
  const live = (path: string): Route => ({
    ...{ method: "GET", path, family: "public" },
    doc: {
      summary: "Say that the process is there",
      tag: "health",
      get answers() {
        return { 200: { say: "It is.", schema: healthBodies.live } };
      },
    },
    handle: alive,
  });
  const ready: Route = {
    ...{ method: "GET", path: "/health/ready", family: "public" },
    familyFor: (url) => (isVerbose(url) ? "control" : "public"),
    doc: {
      summary: "Say whether the gateway can do its work; with `verbose=1` and the credential also what fails",
      tag: "health",
      get query() {
        return healthBodies.readyQuery;
      },
      get answers() {
        const schema = healthBodies.ready;
        return {
          200: { say: "It can.", schema },
          401: { say: "`verbose=1` needs the credential." },
          503: {
            say: "It starts, stops, cannot write, a channel is in error, or no model can be used.",
            schema,
          },
        };
      },
    },
    handle: ({ url }) => readiness(deps, isVerbose(url)),
  };
  return [live("/health"), live("/health/live"), ready];
}

/** The paths that `createAliveAnswer` answers without the pipeline. */
export const alivePaths = ["/health", "/health/live"] as const;

/**
 * Answers `/health`, finished but for the second it is said in: watchers ask for it all the time, so it is made of
 * parts that are kept. It has the security headers; of request ids and rate limits it has no need.
 */
export function createAliveAnswer(uptimeMs: () => number): () => Response {
  const init = { headers: new Headers({ ...apiHeaders, "Content-Type": "application/json" }) };
  let second = -1;
  let text = "";
  return () => {
    const now = Math.floor(uptimeMs() / 1000);
    if (now !== second) {
      second = now;
      text = JSON.stringify({ status: "ok", version, uptimeSeconds: now });
    }
    return new Response(text, init);
  };
}

function isVerbose({ searchParams }: URL): boolean {
  return searchParams.get("verbose") === "1";
}

async function readiness({ uptimeMs, isReady, failing }: HealthDeps, isTold: boolean): Promise<Response> {
  const told = isTold ? { failing: (await failing?.()) ?? [] } : {};
  const body = (status: string) => ({
    ...{ status, version, uptimeSeconds: Math.floor(uptimeMs() / 1000) },
    ...told,
  });
  if (await isReady()) return json(body("ready"));
  return json(body("not_ready"), 503, { "Retry-After": "5" });
}
