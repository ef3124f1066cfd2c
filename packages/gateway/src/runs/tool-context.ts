import type { ToolContext } from "@carapace/agent";
import { type ConfigStore, shownConfig } from "@carapace/config";
import type { State } from "@carapace/state";
import type { Health } from "../compose/health.ts";
import type { GatewayFacts } from "../methods/services.ts";
import type { ModelDesk } from "../models/desk.ts";
import type { World } from "../types.ts";

export interface ToolContextDeps {
  readonly config: ConfigStore;
  readonly health: Pick<Health, "now">;
  readonly models: ModelDesk;
  readonly world: Pick<World, "nowMs">;
  readonly facts: GatewayFacts;
  readonly state: Pick<State, "sessions">;
}

/** What tools may know of this gateway. */
export function createToolContext(deps: ToolContextDeps): Pick<ToolContext, "config" | "status"> {
  const { config, health, models, world, facts, state } = deps;
  return {
    config: () => shownConfig(config.current(), "api"),
    status: async () => {
      const { status, reasons } = health.now();
      const model = await models.current();
      return {
        status,
        ...(reasons === undefined ? {} : { reasons }),
        version: facts.version,
        uptimeMs: world.nowMs() - facts.startedAtMs,
        model: model.ok ? model.value : model.say,
        ...restingModels(models),
        sessions: await state.sessions.count(),
      };
    },
  };
}

/** Only where there are any. */
function restingModels(models: ModelDesk) {
  const resting = models.resting();
  return resting.length === 0 ? {} : { resting: resting.map(({ model, why }) => `${model}: ${why}`) };
}
