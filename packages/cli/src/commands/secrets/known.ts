import type { ConfigSnapshot } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import type { CliWorld } from "../../world.ts";
import {
  accountPlaces,
  configPlaces,
  databaseKey,
  databasePlaces,
  gatewayAccounts,
  identityAccount,
  identityPlaces,
  type KnownSecret,
  type Surroundings,
} from "./places.ts";

/** What the commands about secrets look at. */
export interface Secrets {
  readonly snapshot: ConfigSnapshot;
  readonly around: Surroundings;
}

/** Reads the configuration, opens the credential store and reads its index. Refused if the configuration does not load. */
export async function openSecrets(world: CliWorld): Promise<Result<Secrets>> {
  const { loadConfig, stateDirOf } = await import("@carapace/config");
  const { openCredentialStore, storedAccounts } = await import("@carapace/secrets");
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return loaded;
  const stateDir = stateDirOf(world.env);
  const store = await openCredentialStore({ env: world.env, stateDir, nowMs: world.nowMs });
  const accounts = Object.keys(storedAccounts(stateDir)).sort();
  const around = { stateDir, configPath: loaded.value.path, store, accounts };
  return { ok: true, value: { snapshot: loaded.value, around } };
}

/** Every secret there is a name for, set or known of. */
export async function knownSecrets({ snapshot, around }: Secrets): Promise<readonly KnownSecret[]> {
  const { configSecrets } = await import("@carapace/config/secret-places");
  const known: KnownSecret[] = [];
  for (const secret of configSecrets(snapshot)) known.push(await configPlaces(secret, around));
  known.push(await identityPlaces(around), await databasePlaces(around));
  for (const account of otherAccounts(around)) known.push(await accountPlaces(account, around));
  return known;
}

/** The secret of one name; undefined for what is no name of a secret. */
export async function knownSecret(name: string, secrets: Secrets): Promise<KnownSecret | undefined> {
  const { snapshot, around } = secrets;
  const kind = await nameKind(name, around);
  switch (kind) {
    case "config": {
      const { configSecret } = await import("@carapace/config/secret-places");
      return await configPlaces(configSecret(snapshot, name), around);
    }
    case "identity":
      return await identityPlaces(around);
    case "database":
      return await databasePlaces(around);
    case "account":
      return await accountPlaces(name, around);
    case undefined:
      return undefined;
  }
}

/** What a name stands for: a key of the configuration, one of the two keys of this machine, or an account. */
export type NameKind = "config" | "identity" | "database" | "account";

export async function nameKind(name: string, around: Surroundings): Promise<NameKind | undefined> {
  if (name === databaseKey) return "database";
  if (name === identityAccount) return "identity";
  if (Object.values(gatewayAccounts).includes(name) || otherAccounts(around).includes(name)) return "account";
  const { isSecretKey } = await import("@carapace/config/secret-places");
  return isSecretKey(name) ? "config" : undefined;
}

/** The name may be the secret itself, typed in its place: it is not repeated. */
export const noSuchName =
  "that is no name of a secret: cara secrets list shows them, and keys like openai.apiKey are names, too";

/** Those the index knows, without those that are listed under another name. */
function otherAccounts({ accounts }: Surroundings): readonly string[] {
  const named = [identityAccount, ...Object.values(gatewayAccounts)];
  return accounts.filter((account) => !named.includes(account) && !account.startsWith("state:key:"));
}
