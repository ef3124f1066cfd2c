import { existsSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "@carapace/protocol/failures";
import type { ToldEvent } from "@carapace/state";
import { openConnection } from "../../link/connection.ts";
import { type Resolved, resolveTarget } from "../../link/resolve-target.ts";
import type { CliWorld } from "../../world.ts";

const here = { port: undefined, host: undefined, tls: false, trust: false } as const;

/**
 * Writes what a command did into the audit log: itself if no gateway works on the state directory, else through it.
 * Durable when it returns. Where nothing is kept yet there is no log, and nothing to do.
 * @returns the refusal if it could not be written: the command says so
 */
export async function tellAudit(event: ToldEvent, world: CliWorld): Promise<Result<undefined>> {
  const resolved = await resolveTarget(here, world);
  if (!resolved.ok) return resolved;
  const { stateDir } = resolved.value.settings;
  if (!existsSync(join(stateDir, "state.db"))) return ok(undefined);
  const { StateError, acquireInstanceLock } = await import("@carapace/state");
  try {
    const lock = await acquireInstanceLock(stateDir);
    if (!lock.ok) return await tellGateway(event, resolved.value, world);
    await using _held = lock.value;
    await append(event, stateDir, world);
    return ok(undefined);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { ok: false, code: "unavailable", say: error.message };
  }
}

async function append(event: ToldEvent, dir: string, { env, nowMs, newId }: CliWorld): Promise<void> {
  const { openState, systemStateKeys } = await import("@carapace/state");
  const { configPassword } = await import("@carapace/config");
  const { redactText } = await import("@carapace/config/redaction");
  const keys = systemStateKeys({ dir, env, nowMs, password: configPassword(env) });
  await using state = await openState({ dir, keys, newId, nowMs, redact: redactText });
  await state.audit.append({ ...event, actor: "cli" });
}

async function tellGateway(
  { event, data }: ToldEvent,
  resolved: Resolved,
  { out }: CliWorld,
): Promise<Result<undefined>> {
  const ask = { ...resolved, scopes: ["operator.admin"], allowPlaintext: false, note: out.note };
  const opened = await openConnection(ask);
  if (!opened.ok) return opened;
  await using connection = opened.value;
  const noted = await connection.request("audit.note", { event, data }, { timeoutMs: 10_000 });
  return noted.ok ? ok(undefined) : noted;
}
