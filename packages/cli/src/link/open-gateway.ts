import type { GatewayConnection } from "@carapace/client";
import type { Result } from "@carapace/protocol/failures";
import type { OptionValues } from "../command/definition.ts";
import type { remoteOptions } from "../command/options.ts";
import type { CliWorld } from "../world.ts";
import { openConnection } from "./connection.ts";
import { resolveTarget } from "./resolve-target.ts";

/** How long a command waits for the answer to one request. */
export const timeoutMs = 30_000;

type Scope = "operator.read" | "operator.write" | "operator.admin" | "operator.pairing";

/** Connects to the gateway that the options name, with the scopes the command needs. */
export async function openGateway(
  options: OptionValues<typeof remoteOptions>,
  scope: Scope | readonly Scope[],
  world: CliWorld,
): Promise<Result<GatewayConnection>> {
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return resolved;
  return await openConnection({
    ...resolved.value,
    scopes: [scope].flat(),
    allowPlaintext: options.allowPlaintext,
    note: world.out.note,
  });
}
