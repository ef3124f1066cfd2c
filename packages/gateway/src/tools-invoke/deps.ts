import type { Tool, ToolContext } from "@carapace/agent";
import type { ConfigStore } from "@carapace/config";
import type { State } from "@carapace/state";
import type { World } from "../types.ts";

/** What calls of tools over HTTP work with. */
export interface ToolsInvokeDeps {
  readonly world: World;
  readonly state: State;
  readonly config: ConfigStore;
  /** Those that all turns have; loaded when they are first asked for. */
  readonly tools: () => Promise<readonly Tool[]>;
  readonly toolContext: Pick<ToolContext, "config" | "status">;
  /** What no result may hold. */
  readonly secrets: () => readonly string[];
}
