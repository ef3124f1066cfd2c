import type { ConfigSnapshot, ConfigStore } from "@carapace/config";
import { collectSecrets } from "@carapace/config/redaction";
import type { World } from "../types.ts";

/**
 * Every secret this gateway knows: those of the configuration in force, of the environment, and its own. Collected
 * once a configuration, as every reply asks for them.
 */
export function knownSecrets(
  config: Pick<ConfigStore, "current">,
  env: World["env"],
  own: readonly string[],
): () => readonly string[] {
  let of: ConfigSnapshot | undefined;
  let known: readonly string[] = [];
  return () => {
    const snapshot = config.current();
    if (snapshot !== of) known = [...collectSecrets(snapshot.resolved, env, snapshot.injected), ...own];
    of = snapshot;
    return known;
  };
}
