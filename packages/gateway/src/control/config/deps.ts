import type { ConfigStore } from "@carapace/config";
import type { State } from "@carapace/state";
import type { World } from "../../types.ts";

export interface ConfigRouteDeps {
  readonly config: Pick<ConfigStore, "current">;
  readonly world: Pick<World, "env">;
  readonly state: Pick<State, "audit">;
}
