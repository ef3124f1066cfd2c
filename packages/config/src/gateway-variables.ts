import { protectedVariables } from "./guarded-variables.ts";
import { placeholders } from "./load/substitute.ts";
import { textsIn } from "./record.ts";
import { setupProviders } from "./setup/providers.ts";
import type { ConfigSnapshot, Environment } from "./types.ts";

/** Variables of the environment that a gateway would read. */
export interface GatewayVariables {
  /** Placeholders of the configuration stand for these: without them it does not load. */
  readonly needed: readonly string[];
  /** These give keys, addresses, proxies, or the password of the configuration. */
  readonly read: readonly string[];
}

/**
 * Which variables set in this environment a gateway started elsewhere, by a service manager, would miss. Those that
 * only say where things are (`CARAPACE_STATE_DIR` and the like) are not among them.
 */
export function gatewayVariables(
  { shown, injected }: Pick<ConfigSnapshot, "shown" | "injected">,
  env: Environment,
): GatewayVariables {
  const isSet = (name: string): boolean => Boolean(env[name]) && injected[name] === undefined;
  const named = textsIn(shown).flatMap(({ text }) => placeholders(text));
  const needed = [...new Set(named)].filter(isSet);
  const known = new Set([...protectedVariables, ...providerVariables()]);
  const read = [...known].filter((name) => isSet(name) && !places.has(name) && !needed.includes(name));
  return { needed: needed.sort(), read: read.sort() };
}

/** They say where things are, are of this process only, or are given to every program of a user. */
const places: ReadonlySet<string> = new Set([
  ...["CARAPACE_CONFIG_PATH", "CARAPACE_STATE_DIR", "CARAPACE_DISABLE_CONFIG_CACHE"],
  ...["CARAPACE_CONFIG_CACHE_MS", "CARAPACE_CONFIG_PASSWORD_FILE", "CARAPACE_CONFIG_PASSWORD_FD"],
  ...["PATH", "PATHEXT", "HOME", "USERPROFILE", "SHELL", "COMSPEC", "TMPDIR"],
]);

function providerVariables(): string[] {
  return setupProviders.flatMap(({ key, baseUrl, settings = {} }) =>
    [key, baseUrl, ...Object.values(settings)].flatMap((setting) => setting?.variables ?? []),
  );
}
