import { loadStages } from "./load/pipeline.ts";
import { configPathOf } from "./paths.ts";
import type { ConfigAccess } from "./types.ts";

/** The files a configuration consists of, absolute. */
export interface ConfigFiles {
  readonly main: string;
  /** What it includes, whether that is there or not. */
  readonly included: readonly string[];
}

/** Which files a configuration is read from, also one that does not load: then those found until then. */
export async function configFiles(access: ConfigAccess): Promise<ConfigFiles> {
  const main = access.path ?? configPathOf(access.env);
  const outcome = await loadStages({ ...access, path: main });
  const files = outcome.ok ? outcome.loaded.files : outcome.failure.files;
  return { main, included: [...new Set(files)].filter((file) => file !== main) };
}
