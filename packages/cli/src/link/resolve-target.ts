import type { Result } from "@carapace/protocol";
import { refuse } from "@carapace/protocol/failures";
import type { CliWorld } from "../world.ts";
import { readSettings, type Settings } from "./settings.ts";
import { socketTables, strangerAt } from "./stranger.ts";
import { readTarget, type Target, type TargetFlags, targetWarnings } from "./target.ts";

/** Where a client command goes, and what it knows of this machine. */
export interface Resolved {
  readonly settings: Settings;
  readonly target: Target;
  readonly port: number;
}

/**
 * Reads settings and flags, and says what is to be said before anything is sent. Refuses a host that is none; and, unless
 * a host is named, what another user of this machine has at the gateway's port: it would be sent the owner's credential.
 */
export async function resolveTarget(
  options: Omit<TargetFlags, "port"> & { readonly port: number | undefined },
  world: CliWorld,
): Promise<Result<Resolved>> {
  const sockets = options.host === undefined ? socketTables() : Promise.resolve("");
  const settings = await readSettings(world);
  const flags = { ...options, port: options.port ?? settings.port };
  const target = readTarget(flags);
  if (!target.ok) return target;
  if (strangerAt(flags.port, await sockets) !== undefined)
    return refuse(
      "conflict",
      `another program uses port ${flags.port} (it is another user's of this machine); choose another with --port, or, ` +
        "if it is your gateway all the same, say so with --host 127.0.0.1",
    );
  for (const warning of targetWarnings(flags)) world.out.note(warning);
  return { ok: true, value: { settings, target: target.value, port: flags.port } };
}
