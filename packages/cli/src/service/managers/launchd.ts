import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureFolder, replaceWhole } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { ServiceStatus } from "../plan.ts";
import { runProgram } from "../run-program.ts";
import { launchdLabel, launchdLog, launchdPlist } from "../units/launchd.ts";
import { isThere } from "./is-there.ts";
import type { ServiceManager, ServiceOwner } from "./manager.ts";
import { settled } from "./settled.ts";

/** launchd of macOS: an agent of the owner's own sessions. */
export function launchdManager(owner: ServiceOwner): ServiceManager {
  const { env, stateDir, uid } = owner;
  const unitPath = join(env["HOME"] ?? "/", "Library", "LaunchAgents", `${launchdLabel}.plist`);
  const domain = `gui/${uid}`;
  const control = async (...words: string[]) => settled(await runProgram(["launchctl", ...words], env));
  /** Out of the way, whether it is there or not: `bootstrap` refuses what is loaded. */
  const unload = () => runProgram(["launchctl", "bootout", `${domain}/${launchdLabel}`], env);
  const load = async () => {
    const enabled = await control("enable", `${domain}/${launchdLabel}`);
    return enabled.ok ? await control("bootstrap", domain, unitPath) : enabled;
  };
  return {
    label: "launchd agent",
    unitPath,
    keepsVariables: true,
    render: (plan) => launchdPlist(plan, {}),
    async check() {
      const ran = await runProgram(["launchctl", "print", domain], env);
      if (ran.ok && ran.value.code === 0) return ok(undefined);
      return refuse(
        "unavailable",
        "launchd has no session of yours here: sign in on the machine's own screen first",
      );
    },
    async install({ plan, secrets }) {
      const folder = ensureFolder(dirname(unitPath));
      if (!folder.ok) return folder;
      const written = replaceWhole(unitPath, Buffer.from(launchdPlist(plan, secrets)), { tag: "service" });
      if (!written.ok) return written;
      await unload();
      const loaded = await load();
      return loaded.ok ? ok([]) : loaded;
    },
    async uninstall() {
      await unload();
      rmSync(unitPath, { force: true });
      return ok(undefined);
    },
    start: () => load(),
    async stop() {
      return settled(await unload());
    },
    status: () => statusOf(owner, unitPath),
    logCommand: ({ lines, follow }) => [
      ...["tail", "-n", String(lines)],
      ...(follow ? ["-F"] : []),
      launchdLog({ stateDir }),
    ],
  };
}

async function statusOf({ env, uid }: ServiceOwner, unitPath: string): Promise<Result<ServiceStatus>> {
  const ran = await runProgram(["launchctl", "print", `gui/${uid}/${launchdLabel}`], env);
  if (!ran.ok) return ran;
  const isInstalled = isThere(unitPath);
  if (ran.value.code !== 0)
    return ok({
      isInstalled,
      isEnabled: false,
      isRunning: false,
      state: isInstalled ? "not loaded" : "not installed",
    });
  const state = /^\s*state = (.+)$/m.exec(ran.value.stdout)?.[1] ?? "loaded";
  const pid = Number(/^\s*pid = (\d+)$/m.exec(ran.value.stdout)?.[1]);
  return ok({
    isInstalled,
    isEnabled: true,
    isRunning: state === "running",
    ...(pid > 0 ? { pid } : {}),
    state,
  });
}
