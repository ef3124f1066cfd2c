import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "./types.ts";

const perUser: Partial<Record<NodeJS.Platform, (env: Environment, home: string) => string>> = {
  darwin: (_env, home) => join(home, "Library", "Application Support"),
  win32: (env, home) => env["APPDATA"] || join(home, "AppData", "Roaming"),
};

/** The folder of this user's configuration, without our own name (config.md §1, step 3). */
function platformDir(env: Environment, platform: NodeJS.Platform): string {
  const home = env["HOME"] || env["USERPROFILE"] || userInfo().homedir;
  const own = perUser[platform];
  if (own) return own(env, home);
  return env["XDG_CONFIG_HOME"] || join(home, ".config");
}

/** State directory: `CARAPACE_STATE_DIR`, else the user's own (config.md §1, cli.md §2.1). */
export function stateDirOf(env: Environment, platform: NodeJS.Platform = process.platform): string {
  return resolve(env["CARAPACE_STATE_DIR"] || join(platformDir(env, platform), "carapace"));
}

/**
 * Which file holds the configuration (config.md §1): `CARAPACE_CONFIG_PATH`, else `carapace.json5` in the state
 * directory if it is there, else `carapace.json` there, even if absent.
 */
export function configPathOf(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const exact = env["CARAPACE_CONFIG_PATH"];
  if (exact) return resolve(exact);
  const dir = stateDirOf(env, platform);
  const json5 = join(dir, "carapace.json5");
  return existsSync(json5) ? json5 : join(dir, "carapace.json");
}

/** Where the reference keeps notes, on every system and whatever the state directory is (cli.md §2.1). */
export function referenceMemoryDirOf(env: Environment): string {
  return join(env["HOME"] || env["USERPROFILE"] || userInfo().homedir, ".config", "carapace", "memory");
}
