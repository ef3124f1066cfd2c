import { existsSync } from "node:fs";
import { join } from "node:path";
import { ok, refuse } from "@carapace/protocol/failures";
import type { Check, Finding, Patient } from "../finding.ts";

/** Locks, changes that were interrupted, and what other tools left. */
export const checkLeftovers: Check = async (patient) => {
  const { stateDir, gateway } = patient;
  const lock: Finding = gateway.isRunning
    ? { check: "lock", status: "ok", say: `a gateway works on ${stateDir}${pidText(gateway.pid)}` }
    : { check: "lock", status: "ok", say: "no gateway runs on this state directory" };
  return [lock, ...interrupted(patient), ...(await old(stateDir))];
};

function pidText(pid: number | undefined): string {
  return pid === undefined ? "" : ` (pid ${pid})`;
}

/** While a gateway runs, a change under way is its own. */
function interrupted({ stateDir, configPath, gateway }: Patient): Finding[] {
  const record = ["pending-change", "pending-change.json"].find((name) => existsSync(join(stateDir, name)));
  if (record === undefined || gateway.isRunning) return [];
  return [
    {
      check: "interrupted change",
      status: "warning",
      say: "a restore or a change of keys was interrupted; the next start finishes it or takes it back",
      command: "cara doctor --fix",
      fix: async () => {
        const { acquireInstanceLock, finishPendingChange, StateError } = await import("@carapace/state");
        const lock = await acquireInstanceLock(stateDir);
        if (!lock.ok) return lock;
        await using _ = lock.value;
        try {
          finishPendingChange(stateDir, [configPath]);
          return ok("the interrupted change was finished or taken back");
        } catch (error) {
          if (error instanceof StateError) return refuse("conflict", error.message);
          throw error;
        }
      },
    },
  ];
}

/** The gateway does not start with them (state.md §11.4). */
async function old(stateDir: string): Promise<Finding[]> {
  const { findPlainCredentials } = await import("@carapace/config/plain-credentials");
  return findPlainCredentials(stateDir).map((path) => ({
    check: "old logins",
    status: "problem",
    say: `${path} may hold a login of another tool in the open; the gateway does not start with it`,
    command: `rm ${path}`,
  }));
}
