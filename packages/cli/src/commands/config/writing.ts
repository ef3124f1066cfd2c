import type { Environment, WriteContext } from "@carapace/config";

/** How the command line names itself in the refusals of a write. */
export function writeContext(env: Environment, command: "config set" | "config unset"): WriteContext {
  return { env, method: `cara ${command}`, through: `\`cara ${command}\`` };
}
