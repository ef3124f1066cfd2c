import { controlBodies, type HealthResult, version } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import { json } from "../http/json.ts";
import type { Route } from "../http/route.ts";

/** What the rest of the gateway tells about itself. */
export interface StatusFacts {
  readonly connectedChannels: number;
  readonly totalChannels: number;
  /** Whether a language model could be used when one was last asked; absent while nobody knows. */
  readonly llmReachable?: boolean;
  readonly storageWritable: boolean;
  readonly diskFreeBytes?: number;
  readonly openFds?: number;
  /** How the stored data is, as `health` on the wire says it. */
  readonly state: HealthResult["status"];
  readonly stateReasons?: readonly string[];
  /** Unknown while the state is being opened. */
  readonly sessionCount?: number;
}

export interface StatusDeps {
  /** Unix ms. */
  readonly startedAtMs: number;
  readonly uptimeMs: () => number;
  readonly facts: () => Promise<StatusFacts>;
}

const platforms: Readonly<Record<string, string>> = { darwin: "macos", win32: "windows" };
const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** GET `/control/status` (http.md §12.1); served from the moment the port is open. */
export function statusRoute(deps: StatusDeps): Route {
  return {
    ...{ method: "GET", path: "/control/status", family: "control" },
    doc: {
      summary: "Say how the gateway is",
      tag: "control",
      get answers() {
        return { 200: { say: "Version, platform, disk, memory.", schema: controlBodies.status } };
      },
    },
    handle: () => status(deps),
  };
}

async function status(deps: StatusDeps): Promise<Response> {
  const { connectedChannels, totalChannels, llmReachable, ...storage } = await deps.facts();
  return json({
    ok: true,
    version,
    startedAt: new Date(deps.startedAtMs).toISOString().replace(/\.\d+Z$/, "Z"),
    uptimeSeconds: Math.floor(deps.uptimeMs() / 1000),
    connectedChannels,
    totalChannels,
    ...definedOnly({ llmReachable }),
    runtime: {
      name: "carapace",
      version,
      platform: platforms[process.platform] ?? process.platform,
      arch: architectures[process.arch] ?? process.arch,
    },
    diagnostics: { ...storage, memoryRssBytes: process.memoryUsage.rss() },
  });
}
