import type { ConfigSnapshot } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { deviceIdentityAccount } from "@carapace/secrets/credential-store";
import type { Output } from "../../output/output.ts";
import type { CliWorld } from "../../world.ts";
import {
  accountPlaces,
  accountsAfterConfig,
  configPlaces,
  databaseKey,
  databasePlaces,
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
  return ok({ snapshot: loaded.value, around });
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

/** What {@link openSecrets} gives, and what a name stands for; refused for what is no name of a secret. */
export async function openNamed(name: string, world: CliWorld): Promise<Result<NamedSecrets>> {
  const secrets = await openSecrets(world);
  if (!secrets.ok) return secrets;
  const kind = await nameKind(name, secrets.value.around);
  return kind === undefined ? refuse("not_found", noSuchName) : ok({ ...secrets.value, kind });
}

/** The secret of one name, and where it is. */
export async function knownSecret(
  name: string,
  { kind, snapshot, around }: NamedSecrets,
): Promise<KnownSecret> {
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
  }
}

/** What a name stands for: a key of the configuration, one of the two keys of this machine, or an account. */
export type NameKind = "config" | "identity" | "database" | "account";

export interface NamedSecrets extends Secrets {
  readonly kind: NameKind;
}

async function nameKind(name: string, around: Surroundings): Promise<NameKind | undefined> {
  if (name === databaseKey) return "database";
  if (name === deviceIdentityAccount) return "identity";
  const accounts = [...Object.values(accountsAfterConfig), ...otherAccounts(around)];
  if (accounts.includes(name)) return "account";
  const { isSecretKey } = await import("@carapace/config/secret-places");
  return isSecretKey(name) ? "config" : undefined;
}

/** The name may be the secret itself, typed in its place: it is not repeated. */
const noSuchName =
  "that is no name of a secret: cara secrets list shows them, and keys like openai.apiKey are names, too";

/** Those the index knows, without those that are listed under another name. */
function otherAccounts({ accounts }: Surroundings): readonly string[] {
  const named = [deviceIdentityAccount, ...Object.values(accountsAfterConfig)];
  return accounts.filter((account) => !named.includes(account) && !account.startsWith("state:key:"));
}

/** A gateway reads its own credentials when it starts: a removed one still opens it until then. */
export function noteGateway(name: string, out: Output): void {
  if (Object.entries(accountsAfterConfig).flat().includes(name))
    out.note("A gateway that runs goes on with what it has read until it is started again.");
}
