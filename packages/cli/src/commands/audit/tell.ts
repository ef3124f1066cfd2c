import { existsSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { deviceIdentityAccount } from "@carapace/secrets/credential-store";
import type { AuditEvent, ToldEvent } from "@carapace/state";
import { openConnection } from "../../link/connection.ts";
import { resolveTarget } from "../../link/resolve-target.ts";
import type { CliWorld } from "../../world.ts";

type ConfigChanged = Omit<Extract<AuditEvent, { event: "config_changed" }>, "actor">;
type CommandEvent = ToldEvent | ConfigChanged;

const here = { port: undefined, host: undefined, tls: false, trust: false } as const;

/**
 * Writes what a command did into the audit log: itself if no gateway works on the state directory, else through it.
 * Durable when it returns. Where nothing is kept yet there is no log, and nothing to do. Whoever owns the files could
 * have done the same without a trace: that it could not be written is said, not refused.
 */
export async function tellAudit(event: CommandEvent, world: CliWorld): Promise<void> {
  const told = await write(event, world);
  if (!told.ok) world.out.note(`Warning: the audit log does not have it: ${told.say}`);
}

/** The same for a change of the configuration file. @param keyPath Which keys; no value */
export async function tellConfigChanged(
  command: "seal" | "set" | "unset" | "rekey",
  keyPath: string,
  world: CliWorld,
): Promise<void> {
  const data = { key_path: keyPath, actor: "cli", method: `cara config ${command}` };
  await tellAudit({ event: "config_changed", data }, world);
}

async function write(event: CommandEvent, world: CliWorld): Promise<Result<undefined>> {
  const { stateDirOf } = await import("@carapace/config");
  const stateDir = stateDirOf(world.env);
  if (!existsSync(join(stateDir, "state.db"))) return ok(undefined);
  const { StateError, acquireInstanceLock } = await import("@carapace/state");
  try {
    const lock = await acquireInstanceLock(stateDir);
    if (!lock.ok) return await tellGateway(event, world);
    await using _held = lock.value;
    await append(event, stateDir, world);
    return ok(undefined);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return refuse("unavailable", error.message);
  }
}

async function append(event: CommandEvent, dir: string, { env, nowMs }: CliWorld): Promise<void> {
  const { appendAudit, systemStateKeys } = await import("@carapace/state");
  const { configPassword } = await import("@carapace/config");
  const { redactText } = await import("@carapace/config/redaction");
  const keys = systemStateKeys({ dir, env, nowMs, password: configPassword(env) });
  await appendAudit({ dir, keys, nowMs, redact: redactText }, { ...event, actor: "cli" });
}

async function tellGateway({ event, data }: CommandEvent, world: CliWorld): Promise<Result<undefined>> {
  // A gateway that runs sees its configuration change, and records it.
  if (event === "config_changed") return ok(undefined);
  if (event === "secret_changed" && data.name === deviceIdentityAccount)
    return refuse("conflict", "to tell the gateway that runs, the next device key would have to be made");
  const resolved = await resolveTarget(here, world);
  if (!resolved.ok) return resolved;
  const ask = { ...resolved.value, scopes: ["operator.admin"], allowPlaintext: false, note: world.out.note };
  const opened = await openConnection(ask);
  if (!opened.ok) return opened;
  await using connection = opened.value;
  const noted = await connection.request("audit.note", { event, data }, { timeoutMs: 10_000 });
  return noted.ok ? ok(undefined) : noted;
}
