import { isRecord } from "../link/json.ts";
import type { CliWorld } from "../world.ts";
import { checkConfig } from "./checks/config.ts";
import { checkDisk } from "./checks/disk.ts";
import { checkKey } from "./checks/key.ts";
import { checkLeftovers } from "./checks/leftovers.ts";
import { checkPermissions } from "./checks/permissions.ts";
import { checkPort } from "./checks/port.ts";
import { checkSandbox } from "./checks/sandbox.ts";
import { checkSignIns } from "./checks/sign-ins.ts";
import { checkStored } from "./checks/stored.ts";
import { checkVersions } from "./checks/versions.ts";
import type { Check, Finding, Patient } from "./finding.ts";

/** In the order they are told: what others build on comes first. */
const checks: readonly Check[] = [
  checkVersions,
  checkPermissions,
  checkLeftovers,
  checkConfig,
  checkKey,
  checkSignIns,
  checkDisk,
  checkStored,
  checkPort,
  checkSandbox,
];

/** Looks at everything, one after another. Changes nothing, but that whoever takes the lock closes the state directory. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(patient)));
  return findings;
}

/** Who holds the state directory now; the lock is given back at once. */
async function gatewayOf(stateDir: string): Promise<Patient["gateway"]> {
  const { existsSync } = await import("node:fs");
  if (!existsSync(stateDir)) return { isRunning: false };
  const { acquireInstanceLock, StateError } = await import("@carapace/state");
  try {
    const lock = await acquireInstanceLock(stateDir);
    if (!lock.ok) {
      const pid = isRecord(lock.details) ? lock.details["pid"] : undefined;
      return { isRunning: true, ...(typeof pid === "number" ? { pid } : {}) };
    }
    await lock.value[Symbol.asyncDispose]();
    return { isRunning: false };
  } catch (error) {
    // What is wrong with the directory is told by the check of permissions.
    if (error instanceof StateError) return { isRunning: false };
    throw error;
  }
}

async function isOpen(stateDir: string): Promise<boolean> {
  const { lstat } = await import("node:fs/promises");
  // What cannot be looked at is told by the check of permissions.
  const facts = await lstat(stateDir).catch(() => undefined);
  return facts?.isDirectory() === true && process.platform !== "win32" && (facts.mode & 0o077) !== 0;
}

/** What the command was started with, and where it looks. */
export async function patientOf(world: CliWorld): Promise<Patient> {
  const { peekConfig } = await import("@carapace/config/peek");
  const peeked = await peekConfig({ env: world.env });
  const bare = peeked.ok ? peeked : await peekConfig({ env: world.env, path: "/nonexistent/carapace.json" });
  if (!bare.ok) throw new Error(bare.say);
  const { configPathOf } = await import("@carapace/config");
  const { stateDir } = bare.value;
  const wasOpen = await isOpen(stateDir);
  const gateway = await gatewayOf(stateDir);
  const configPath = configPathOf(world.env);
  return { world, stateDir, configPath, peek: bare.value, platform: process.platform, wasOpen, gateway };
}
