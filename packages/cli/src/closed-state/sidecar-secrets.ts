import { loadConfig, resolveGatewayAuth, serverSecret } from "@carapace/config";
import type { CliWorld } from "../world.ts";
import type { Place } from "./place.ts";

/**
 * What the sidecars of plain sessions may be keyed with (state.md §3.9): the server secret, and the gateway's
 * credentials as the archive's own configuration has them and as this machine's has. None of one that does not load.
 */
export function sidecarSecrets({ env }: CliWorld, place: Place) {
  return async (archived: string | undefined): Promise<readonly string[]> => {
    const paths = [...(archived === undefined ? [] : [archived]), place.configPath];
    const found = await Promise.all(paths.map((path) => credentialsIn(path, env)));
    const own = serverSecret(env);
    return [...new Set([...(own === undefined ? [] : [own.reveal()]), ...found.flat()])];
  };
}

async function credentialsIn(path: string, env: CliWorld["env"]): Promise<readonly string[]> {
  const loaded = await loadConfig({ env, path });
  const auth = loaded.ok ? resolveGatewayAuth(loaded.value) : loaded;
  if (!auth.ok) return [];
  const { token, password } = auth.value;
  return [token, password].flatMap((secret) => (secret === undefined ? [] : [secret.reveal()]));
}
