import type { MethodParams, MethodResult } from "@carapace/protocol";
import { once } from "@carapace/protocol";
import type { RouteSource } from "../http/route.ts";
import type { HookDeps } from "./types.ts";

export interface Hooks {
  /** `{hooks}/wake`, `{hooks}/agent` and all below; none while hooks are switched off. */
  readonly routes: RouteSource;
  /** What a call of a mapping would come to. */
  dryRun(ask: MethodParams<"hooks.test">): Promise<MethodResult<"hooks.test">>;
}

/** Webhooks: other programs tell the assistant of something (http.md §8). Most gateways have none, and load nothing. */
export function openHooks(deps: HookDeps): Hooks {
  const hooks = once(async () => (await import("./create-hooks.ts")).createHooks(deps));
  return {
    routes: async (settings) => (settings.gateway.hooks.enabled ? (await hooks()).routes(settings) : []),
    dryRun: async (ask) => (await hooks()).dryRun(ask),
  };
}
