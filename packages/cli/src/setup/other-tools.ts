import { existsSync } from "node:fs";
import type { Environment } from "@carapace/config";
import { importSources } from "../import/sources.ts";

/** Another assistant's configuration; nothing of it was read. */
export interface FoundTool {
  readonly label: string;
  readonly path: string;
  /** What takes it over. */
  readonly command: string;
}

/** Other assistants that have a configuration here, in the likeliest place of each; nothing of it is read. */
export function otherTools(env: Environment): readonly FoundTool[] {
  const home = env["HOME"];
  if (home === undefined || home === "") return [];
  return importSources.flatMap(({ label, name, configs }) => {
    // What lies in a folder that anybody may have made tells nothing of what this user has.
    const own = configs({ env, home, cwd: home }).filter(({ isForeign }) => isForeign !== true);
    const path = own.map((one) => one.path).find(existsSync);
    return path === undefined ? [] : [{ label, path, command: `cara import ${name}` }];
  });
}
