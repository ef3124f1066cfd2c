import type { Result } from "@carapace/protocol";
import type { CliWorld } from "../world.ts";
import { readSettings, type Settings } from "./settings.ts";
import { readTarget, type Target, type TargetFlags, targetWarnings } from "./target.ts";

/** Where a client command goes, and what it knows of this machine. */
export interface Resolved {
  readonly settings: Settings;
  readonly target: Target;
  readonly port: number;
}

/** Reads settings and flags, and says what is to be said before anything is sent. Refuses a host that is none. */
export async function resolveTarget(
  options: Omit<TargetFlags, "port"> & { readonly port: number | undefined },
  world: CliWorld,
): Promise<Result<Resolved>> {
  const settings = await readSettings(world);
  const flags = { ...options, port: options.port ?? settings.port };
  const target = readTarget(flags);
  if (!target.ok) return target;
  for (const warning of targetWarnings(flags)) world.out.note(warning);
  return { ok: true, value: { settings, target: target.value, port: flags.port } };
}
