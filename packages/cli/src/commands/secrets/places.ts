import { join } from "node:path";
import type { ConfigSecret, SecretForm } from "@carapace/config/secret-places";
import { gatewayAccounts } from "@carapace/config/stored-secrets";
import type { CredentialStore } from "@carapace/secrets";
import { askStore, deviceIdentityAccount } from "@carapace/secrets/credential-store";
import { filePlace } from "./file-place.ts";

/** One place where a secret is, in words for a person. */
export interface Place {
  readonly place: "environment" | "config" | "credential-store" | "file";
  /** Which variable, file or account. */
  readonly at: string;
  /** What is to be known of it: `sealed`, `mode 0600`. */
  readonly how: string;
}

/** A secret by its name, and where it is; the first place is the one that counts. */
export interface KnownSecret {
  readonly name: string;
  readonly places: readonly Place[];
  /** What its owner should know or do. */
  readonly note?: string;
}

/** What the places are found with. */
export interface Surroundings {
  readonly stateDir: string;
  readonly configPath: string;
  readonly store: CredentialStore;
  /** Accounts that were stored, of the index. */
  readonly accounts: readonly string[];
}

const formWords: Readonly<Record<SecretForm, string>> = {
  sealed: "sealed",
  locked: "sealed, does not open",
  plain: "plain text",
  placeholder: "refers to a variable",
  included: "in an included file",
};

/** The account of a gateway credential that is looked up after the configuration, by its key there. */
export const accountsAfterConfig: Readonly<Record<string, string>> = {
  "gateway.auth.token": gatewayAccounts.token,
  "gateway.auth.password": gatewayAccounts.password,
};

/** Where a secret of the configuration is; the gateway's own may be in the store or in a file, too. */
export async function configPlaces(secret: ConfigSecret, around: Surroundings): Promise<KnownSecret> {
  const { key, variable, form, counts } = secret;
  const inEnvironment: Place[] = variable
    ? [{ place: "environment", at: variable, how: "environment variable" }]
    : [];
  const inFile: Place[] = form ? [{ place: "config", at: around.configPath, how: formWords[form] }] : [];
  const said = counts === "file" ? [...inFile, ...inEnvironment] : [...inEnvironment, ...inFile];
  const account = accountsAfterConfig[key];
  if (account === undefined) return { name: key, places: said };
  const stored = await storePlace(account, around);
  const local = key === "gateway.auth.token" ? filePlace(join(around.stateDir, "gateway-token")) : undefined;
  return {
    name: key,
    places: [...said, ...(stored.place ? [stored.place] : []), ...(local ? [local] : [])],
    ...(stored.trouble && { note: stored.trouble }),
  };
}

/** The key pair of this command on this machine. */
export async function identityPlaces(around: Surroundings): Promise<KnownSecret> {
  const file = filePlace(join(around.stateDir, "device-identity.json"));
  const { place, trouble } = await storePlace(deviceIdentityAccount, around);
  const [first, second] = around.store.isDurable ? [place, file] : [file, place];
  return {
    name: deviceIdentityAccount,
    places: [first, second].filter((one) => one !== undefined),
    ...(trouble && { note: trouble }),
  };
}

/** What opens the database. */
export const databaseKey = "database-key";

/** Where the database key is; the state itself says so. */
export async function databasePlaces({ stateDir, store }: Surroundings): Promise<KnownSecret> {
  const { keyLocation } = await import("@carapace/state/key-location");
  const { place, say } = keyLocation(stateDir);
  const file = filePlace(join(stateDir, "state.key"));
  const note = say === undefined ? {} : { note: say };
  switch (place) {
    case "none":
      return { name: databaseKey, places: [], ...note };
    case "credential-store":
      return {
        name: databaseKey,
        places: [{ place, at: store.kind, how: "state.key says under which account" }],
        ...note,
      };
    case "password": {
      const how = `sealed with CARAPACE_CONFIG_PASSWORD, ${file?.how}`;
      return { name: databaseKey, places: file ? [{ ...file, how }] : [], ...note };
    }
    case "file":
    case "unreadable":
      return { name: databaseKey, places: file ? [file] : [], ...note };
  }
}

/** An account that only the index tells of. */
export async function accountPlaces(account: string, around: Surroundings): Promise<KnownSecret> {
  const { place, trouble } = await storePlace(account, around);
  return { name: account, places: place ? [place] : [], ...(trouble && { note: trouble }) };
}

/** Whether the store holds an account: asked, never shown. */
async function storePlace(
  account: string,
  { store }: Surroundings,
): Promise<{ place?: Place; trouble?: string }> {
  const held = await askStore(() => store.get(account));
  if (!held.ok) return { trouble: held.say };
  if (held.value === undefined) return {};
  const how = store.isDurable ? `account ${account}` : `account ${account}, forgotten at a restart`;
  return { place: { place: "credential-store", at: store.kind, how } };
}
