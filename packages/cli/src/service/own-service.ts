import { userInfo } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { stateDirOf } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol/failures";
import type { CliWorld } from "../world.ts";
import { managerOf } from "./managers/index.ts";
import type { ServiceManager } from "./managers/manager.ts";
import { variablesPath } from "./managers/systemd.ts";
import type { ServicePlan } from "./plan.ts";

/** The service manager of this machine, for this user. */
export function ownManager({ env }: CliWorld, platform = process.platform): Result<ServiceManager> {
  const { uid } = userInfo();
  return managerOf(platform, { env, stateDir: stateDirOf(env), uid });
}

const root = resolve(import.meta.dir, "..", "..", "..", "..");

/** Where things are for a gateway: passed on as it is set now, and no secret. */
const passed: readonly string[] = [
  ...["CARAPACE_STATE_DIR", "CARAPACE_CONFIG_PATH", "CARAPACE_CONFIG_PASSWORD_FILE", "XDG_CONFIG_HOME"],
  ...["CARAPACE_CREDENTIAL_STORE", "CARAPACE_LOG", "TZ"],
];

/** What the service runs: this very program. @param keepsVariables whether it gets a file of variables */
export function ownPlan({ env }: CliWorld, keepsVariables: boolean): ServicePlan {
  const stateDir = stateDirOf(env);
  const settings = passed.flatMap((name) => {
    const value = env[name];
    return value ? [[name, /_(PATH|DIR|FILE|HOME)$/.test(name) ? resolve(value) : value] as const] : [];
  });
  // Programs the assistant calls are found as they are here; what is relative would be somebody else's there.
  const path = (env["PATH"] ?? "").split(delimiter).filter(isAbsolute).join(delimiter);
  return {
    ...ownProgram(),
    environment: { PATH: path, ...Object.fromEntries(settings) },
    ...(keepsVariables ? { environmentFile: variablesPath(stateDir) } : {}),
    stateDir,
  };
}

function ownProgram(platform = process.platform): Pick<ServicePlan, "program" | "args"> {
  if (platform !== "win32") return { program: join(root, "cara"), args: ["start"] };
  const main = join(root, "packages", "cli", "src", "main.ts");
  return {
    program: process.execPath,
    args: ["--no-env-file", "--config=NUL", "--no-install", main, "start"],
  };
}

/** A manager that can be used, or why not. */
export async function usableManager(world: CliWorld): Promise<Result<ServiceManager>> {
  const manager = ownManager(world);
  if (!manager.ok) return manager;
  const usable = await manager.value.check();
  return usable.ok ? ok(manager.value) : usable;
}
