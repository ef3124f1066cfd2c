import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Damage, State, StateFailureCode } from "@carapace/state";
import type { Check, Finding, Patient } from "../finding.ts";

/** A record may be a little ahead: clocks are set. */
const aheadMs = 5 * 60_000;
/** No clock that is right shows a time before this program was written: 2026-01-01. */
const earliestMs = Date.UTC(2026, 0, 1);

/** Everything that is stored: whether it opens, verifies, and was written by a clock like this one. */
export const checkStored: Check = async (patient) => {
  const { world, stateDir, gateway } = patient;
  const clock = clockFinding(world.nowMs());
  if (gateway.isRunning) {
    const say = "the gateway that runs watches it; cara status tells what it found";
    return [clock, { check: "integrity", status: "skipped", say, command: "cara status" }];
  }
  if (!existsSync(join(stateDir, "state.db"))) {
    return [clock, { check: "integrity", status: "ok", say: "nothing is stored yet" }];
  }
  return [clock, ...(await verified(patient))];
};

function clockFinding(nowMs: number): Finding {
  const now = new Date(nowMs).toISOString();
  if (nowMs >= earliestMs) return { check: "clock", status: "ok", say: `it is ${now}` };
  const command = process.platform === "linux" ? "timedatectl set-ntp true" : "date";
  return { check: "clock", status: "problem", say: `the clock is wrong: it says ${now}`, command };
}

async function verified({ world, stateDir }: Patient): Promise<Finding[]> {
  const { acquireInstanceLock, openState, StateError, systemStateKeys } = await import("@carapace/state");
  const { configPassword } = await import("@carapace/config");
  const { env, nowMs, newId } = world;
  const keys = systemStateKeys({ dir: stateDir, env, nowMs, password: configPassword(env) });
  try {
    const lock = await acquireInstanceLock(stateDir);
    if (!lock.ok) return [{ check: "integrity", status: "skipped", say: lock.say }];
    await using _ = lock.value;
    await using state = await openState({ dir: stateDir, keys, newId, nowMs });
    return [...(await integrity(state)), ...(await ahead(state, nowMs()))];
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return [{ check: "integrity", status: "problem", say: error.message, command: commandFor(error.code) }];
  }
}

/** What may help with a state that does not open. A disk that takes nothing can still be read: save what is there. */
function commandFor(code: StateFailureCode): string {
  if (code === "key_locked" || code === "key_unreadable") return "cara secrets where database-key";
  return code === "io" || code === "disk_full"
    ? "cara backup -o <file on another disk>"
    : "cara restore <archive>";
}

async function integrity(state: State): Promise<Finding[]> {
  const damage = await state.verify();
  if (damage.length === 0)
    return [{ check: "integrity", status: "ok", say: "everything that is stored verifies" }];
  return damage.map(damageFinding);
}

function damageFinding({ say }: Damage): Finding {
  return { check: "integrity", status: "problem", say, command: "cara restore <archive>" };
}

/** A clock that was set back makes new messages look older than what they answer. */
async function ahead(state: State, nowMs: number): Promise<Finding[]> {
  const [newest] = await state.sessions.list({ limit: 1 });
  if (newest === undefined || newest.updatedAtMs <= nowMs + aheadMs) return [];
  const time = new Date(newest.updatedAtMs).toISOString();
  const say = `a session was last changed at ${time}, which is still to come: the clock was set back`;
  return [{ check: "clock", status: "warning", say, command: "date" }];
}
