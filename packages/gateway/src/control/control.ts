import type { ProviderSet } from "@carapace/agent";
import type { ConfigStore } from "@carapace/config";
import type { State } from "@carapace/state";
import type { Hub } from "../connection/hub.ts";
import { defaultLimits } from "../connection/limits.ts";
import type { RouteSource } from "../http/route.ts";
import type { ModelDesk } from "../models/desk.ts";
import type { SignIns } from "../models/sign-ins.ts";
import type { World } from "../types.ts";
import { channelsRoute, type ShownChannel } from "./channels.ts";
import { configPatchRoute } from "./config/patch.ts";
import { configReadRoute } from "./config/read.ts";
import { eventsRoute } from "./events/route.ts";
import { createEventStreams } from "./events/streams.ts";
import { apiKeyRoute } from "./onboarding/api-key-route.ts";
import { oauthRoutes } from "./onboarding/oauth-routes.ts";
import { onboardingRoute } from "./onboarding/route.ts";

export interface ControlDeps {
  readonly config: Pick<ConfigStore, "current" | "reload">;
  readonly world: World;
  readonly state: Pick<State, "audit">;
  readonly hub: Pick<Hub, "join" | "leave">;
  readonly models: Pick<ModelDesk, "resting">;
  readonly providers: () => Pick<ProviderSet, "find">;
  readonly channels: () => readonly ShownChannel[];
  readonly signIns: SignIns;
}

/** The control API (http.md §12), without its status, which the listener serves from the first moment. */
export interface Control extends Disposable {
  /** None unless `gateway.control.enabled`, or the control page, which needs them. */
  readonly routes: RouteSource;
  /** Ends the event streams: what is told from now on reaches no reader. */
  endStreams(reason: string): void;
}

export function createControl(deps: ControlDeps): Control {
  const { config, world, hub, models } = deps;
  const streams = createEventStreams({ hub, nowMs: world.nowMs, newId: world.newId, limits: defaultLimits });
  const facts = () => ({
    snapshot: config.current(),
    find: (prefix: string) => deps.providers().find(prefix),
    resting: models.resting(),
    profiles: async () => {
      const listed = await (await deps.signIns()).list();
      return listed.ok ? listed.value : undefined;
    },
  });
  const onboarding = { ...deps, facts };
  const routes = [
    channelsRoute(deps.channels),
    configReadRoute(deps),
    configPatchRoute(deps),
    eventsRoute(streams),
    onboardingRoute(facts),
    ...oauthRoutes(onboarding),
    apiKeyRoute(onboarding),
  ];
  return {
    routes: ({ gateway }) => (gateway.control.enabled || gateway.controlUi.enabled ? routes : []),
    endStreams: (reason) => streams.end(reason),
    [Symbol.dispose]: () => streams[Symbol.dispose](),
  };
}
