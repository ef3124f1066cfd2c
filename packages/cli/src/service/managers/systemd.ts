import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureFolder, privateDirectory, replaceWhole } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { ServiceStatus } from "../plan.ts";
import { runProgram } from "../run-program.ts";
import { environmentFile, systemdUnit } from "../units/systemd.ts";
import { isThere } from "./is-there.ts";
import type { Installation, ServiceManager, ServiceOwner } from "./manager.ts";
import { settled } from "./settled.ts";

const unit = "carapace.service";

/** systemd's user manager. */
export function systemdManager(owner: ServiceOwner): ServiceManager {
  const { env, stateDir } = owner;
  const home = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? "/", ".config");
  const unitPath = join(home, "systemd", "user", unit);
  const control = async (...words: string[]) =>
    settled(await runProgram(["systemctl", "--user", ...words], env));
  return {
    label: "systemd user service",
    unitPath,
    keepsVariables: true,
    render: systemdUnit,
    check: () => checkManager(owner),
    async install(installation) {
      const kept = keepingVariables(installation, stateDir);
      const written = writeUnit(unitPath, kept);
      if (!written.ok) return written;
      for (const words of [["daemon-reload"], ["enable", unit], ["restart", unit]]) {
        const done = await control(...words);
        if (!done.ok) return done;
      }
      const { environmentFile: file } = kept.plan;
      const isRenewed = file !== undefined && file !== installation.plan.environmentFile;
      const note = `The variables that were kept for it before are kept on: ${file}`;
      return ok([...(isRenewed ? [note] : []), ...(await lingerNotes(owner))]);
    },
    async uninstall() {
      if (isThere(unitPath)) {
        const stopped = await control("disable", "--now", unit);
        if (!stopped.ok) return stopped;
      }
      rmSync(unitPath, { force: true });
      rmSync(variablesPath(stateDir), { force: true });
      return await control("daemon-reload");
    },
    start: () => control("start", unit),
    stop: () => control("stop", unit),
    status: () => statusOf(owner),
    logCommand: ({ lines, follow }) => [
      ...["journalctl", "--user", "--unit", unit, "--no-pager", "--lines", String(lines)],
      ...(follow ? ["--follow"] : []),
    ],
  };
}

/** Where the variables of the service are kept. */
export function variablesPath(stateDir: string): string {
  return join(stateDir, "service.env");
}

/** A service that is renewed from a shell without them does not lose its variables. */
function keepingVariables(installation: Installation, stateDir: string): Installation {
  const path = variablesPath(stateDir);
  if (installation.plan.environmentFile !== undefined || !isThere(path)) return installation;
  return { plan: { ...installation.plan, environmentFile: path }, secrets: {} };
}

function writeUnit(unitPath: string, { plan, secrets }: Installation): Result<undefined> {
  if (plan.environmentFile !== undefined && Object.keys(secrets).length > 0) {
    // Before the first start nobody has made it.
    const made = privateDirectory(plan.stateDir);
    if (!made.ok) return made;
    const kept = replaceWhole(plan.environmentFile, Buffer.from(environmentFile(secrets)), {
      tag: "service",
    });
    if (!kept.ok) return kept;
  }
  const folder = ensureFolder(dirname(unitPath));
  if (!folder.ok) return folder;
  return replaceWhole(unitPath, Buffer.from(systemdUnit(plan)), { tag: "service" });
}

async function checkManager({ env }: ServiceOwner): Promise<Result<undefined>> {
  const ran = await runProgram(["systemctl", "--user", "show", "--property", "Version"], env);
  if (!ran.ok)
    return refuse(
      "unavailable",
      "systemd is not on this machine: run cara start with the service manager you have",
    );
  if (ran.value.code === 0) return ok(undefined);
  return refuse(
    "unavailable",
    "no systemd user manager runs for you here: sign in on the machine itself or by ssh (not with su or sudo), or let it " +
      "run without a sign-in, as root: loginctl enable-linger <your name>. In a container, run cara start",
  );
}

/** A user's services end with their last session, unless they linger. */
async function lingerNotes({ env }: ServiceOwner): Promise<readonly string[]> {
  const name = env["USER"] ?? env["LOGNAME"] ?? "";
  const ran = await runProgram(["loginctl", "show-user", name, "--property", "Linger", "--value"], env);
  if (ran.ok && ran.value.stdout.trim() === "yes") return [];
  return ["It stops when you sign out. To keep it running: loginctl enable-linger"];
}

const running: ReadonlySet<string> = new Set(["active", "reloading", "activating"]);

async function statusOf({ env }: ServiceOwner): Promise<Result<ServiceStatus>> {
  const names = "LoadState,ActiveState,SubState,MainPID,UnitFileState,Result";
  const ran = await runProgram(["systemctl", "--user", "show", unit, "--property", names], env);
  if (!ran.ok) return ran;
  if (ran.value.code !== 0) {
    const checked = settled(ran);
    return checked.ok ? refuse("unavailable", "systemctl says nothing of it") : checked;
  }
  const said = new Map(
    ran.value.stdout.split("\n").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]),
  );
  const active = said.get("ActiveState") ?? "";
  const pid = Number(said.get("MainPID"));
  const result = said.get("Result") ?? "success";
  return ok({
    isInstalled: said.get("LoadState") === "loaded",
    isEnabled: said.get("UnitFileState") === "enabled",
    isRunning: running.has(active),
    ...(pid > 0 ? { pid } : {}),
    state: `${active} (${said.get("SubState") ?? ""})${result === "success" ? "" : `, ${result}`}`,
  });
}
