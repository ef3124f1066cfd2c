import { rmSync } from "node:fs";
import { join } from "node:path";
import { replaceWhole } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { ServiceStatus } from "../plan.ts";
import { runProgram } from "../run-program.ts";
import { windowsTask, windowsTaskXml } from "../units/windows.ts";
import type { ServiceManager, ServiceOwner } from "./manager.ts";
import { settled } from "./settled.ts";

/** The Task Scheduler of Windows: a task that starts with its owner's sign-in. */
export function windowsManager({ env, stateDir }: ServiceOwner): ServiceManager {
  const unitPath = join(stateDir, "service-task.xml");
  const user = `${env["USERDOMAIN"] ?? "."}\\${env["USERNAME"] ?? ""}`;
  const tasks = (...words: string[]) => runProgram(["schtasks", ...words], env);
  return {
    label: "scheduled task",
    unitPath,
    keepsVariables: false,
    render: (plan) => windowsTaskXml(plan, user),
    async check() {
      const ran = await tasks("/Query", "/FO", "LIST");
      return ran.ok
        ? ok(undefined)
        : refuse("unavailable", "the Task Scheduler (schtasks) is not on this machine");
    },
    async install({ plan }) {
      // The scheduler reads UTF-16 with its byte order mark.
      const xml = Buffer.from(`\ufeff${windowsTaskXml(plan, user)}`, "utf16le");
      const written = replaceWhole(unitPath, xml, { tag: "service" });
      if (!written.ok) return written;
      const created = settled(await tasks("/Create", "/F", "/TN", windowsTask, "/XML", unitPath));
      if (!created.ok) return created;
      const started = settled(await tasks("/Run", "/TN", windowsTask));
      return started.ok ? ok([]) : started;
    },
    async uninstall() {
      await tasks("/End", "/TN", windowsTask);
      const deleted = settled(await tasks("/Delete", "/F", "/TN", windowsTask));
      if (!deleted.ok) return deleted;
      rmSync(unitPath, { force: true });
      return ok(undefined);
    },
    start: async () => settled(await tasks("/Run", "/TN", windowsTask)),
    stop: async () => settled(await tasks("/End", "/TN", windowsTask)),
    status: async () => statusFrom(await tasks("/Query", "/FO", "CSV", "/NH", "/TN", windowsTask)),
    logCommand: () => undefined,
  };
}

/** Its last column says `Ready`, `Running` or `Disabled`, in the language of the system; running is told by asking the gateway. */
function statusFrom(ran: Result<{ readonly code: number; readonly stdout: string }>): Result<ServiceStatus> {
  if (!ran.ok) return ran;
  if (ran.value.code !== 0)
    return ok({ isInstalled: false, isEnabled: false, isRunning: false, state: "not installed" });
  const state = ran.value.stdout.trim().split(",").at(-1)?.replaceAll('"', "") ?? "";
  return ok({ isInstalled: true, isEnabled: state !== "Disabled", isRunning: state === "Running", state });
}
