import { configFiles, configPassword, configPathOf, stateDirOf } from "@carapace/config";
import type { StateKeyStore } from "@carapace/state";
import type { HeldCredentials } from "@carapace/state/backup";
import type { CliWorld } from "../world.ts";

/** What backup, restore and reset work on, and with. */
export interface Place {
  readonly dir: string;
  readonly configPath: string;
  readonly password: string | undefined;
  readonly keys: StateKeyStore;
  readonly credentials: () => Promise<HeldCredentials>;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
}

/** The state directory and the configuration of this user. */
export async function ownPlace(world: CliWorld): Promise<Place> {
  const { systemStateKeys } = await import("@carapace/state");
  const { env, nowMs, newId } = world;
  const dir = stateDirOf(env);
  const password = configPassword(env);
  return {
    dir,
    configPath: configPathOf(env),
    password,
    keys: systemStateKeys({ dir, env, password, nowMs }),
    credentials: () => ownCredentials(dir, world),
    nowMs,
    newId,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  };
}

async function ownCredentials(dir: string, { env, nowMs }: CliWorld): Promise<HeldCredentials> {
  const { openCredentialStore, storedAccounts } = await import("@carapace/secrets");
  const store = await openCredentialStore({ env, stateDir: dir, nowMs });
  return { store, accounts: Object.keys(storedAccounts(dir)) };
}

/** The configuration and what it includes, of a place's own path. */
export function ownConfigFiles({ env }: CliWorld, { configPath }: Place) {
  return configFiles({ env, path: configPath });
}
