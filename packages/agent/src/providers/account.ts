import type { Secret } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import { baseUrlFrom, type Found, find, isLoopback, keyFrom, type ProviderSource } from "./settings.ts";
import type { ConfiguredVendor, Vendor } from "./vendor.ts";

/** What the settings of an account are called. */
export interface AccountNames {
  readonly id: Vendor["id"];
  readonly label: string;
  readonly keyVariable: string;
  readonly urlVariable: string;
  /** Of the config section. */
  readonly path: string;
  readonly defaultUrl: string;
  readonly allowHttp: boolean;
}

/** An account at a vendor, or a server of the owner's. */
export interface Account {
  readonly vendor: Vendor;
  readonly key: Secret | undefined;
  /** Without `/v1` and trailing slash. */
  readonly baseUrl: string;
}

/** Reads key and base URL. @returns an account without a key if none is set; refused for a key or URL that cannot work */
export function readAccount(source: ProviderSource, names: AccountNames): Result<Account> {
  const [keySetting, urlSetting] = findAccount(source, names);
  const key = keyFrom(keySetting);
  if (!key.ok) return key;
  const baseUrl = baseUrlFrom(
    urlSetting ?? { text: names.defaultUrl, name: names.urlVariable },
    names.allowHttp,
  );
  if (!baseUrl.ok) return baseUrl;
  const vendor = {
    id: names.id,
    label: names.label,
    keyName: keySetting?.name ?? `${names.keyVariable} or ${names.path}.apiKey`,
    urlName: urlSetting?.name ?? `${names.urlVariable} or ${names.path}.baseUrl`,
    isLocal: isLoopback(new URL(baseUrl.value)),
    secrets: key.value === undefined ? [] : [key.value],
  };
  return ok({ vendor, key: key.value, baseUrl: baseUrl.value });
}

function findAccount(source: ProviderSource, names: AccountNames): [Found | undefined, Found | undefined] {
  return [
    find(source, [names.keyVariable], `${names.path}.apiKey`),
    find(source, [names.urlVariable], `${names.path}.baseUrl`),
  ];
}

/** An account that cannot do without a key. */
export interface KeyedAccount extends Account {
  readonly key: Secret;
}

/** The same for a vendor which is set up by its key. @returns undefined without one */
export function readKeyedAccount(
  source: ProviderSource,
  names: AccountNames,
): Result<KeyedAccount | undefined> {
  const account = readAccount(source, names);
  if (!account.ok) return account;
  const { key } = account.value;
  return ok(key === undefined ? undefined : { ...account.value, key });
}

/** What is set up, if anything is. */
export function configured<Settings>(
  read: Result<Settings | undefined>,
  make: (settings: Settings) => ConfiguredVendor,
): Result<ConfiguredVendor | undefined> {
  if (!read.ok) return read;
  return ok(read.value === undefined ? undefined : make(read.value));
}

/** An account that a stored sign-in proves, not a key. */
export function signedIn(account: Account, profile: Found): Account {
  const keyName = `the sign-in that ${profile.name} names`;
  return { ...account, vendor: { ...account.vendor, keyName: `${keyName} (${profile.text})` } };
}

/** What makes an account's provider another one when it changes. */
export function accountParts({ baseUrl, key, vendor }: Account): string[] {
  return [baseUrl, key?.reveal() ?? "", vendor.keyName];
}

/** The answer of a vendor whose models are the owner's to choose. */
export function mustChoose(label: string, example: string): Result<string> {
  return refuse(
    "missing_model",
    `No model is chosen, and ${label} has no usual one: cara config set agents.defaults.model ${example}`,
  );
}

// `cara config set` takes no keys and no addresses they are sent to: a script could then lead a key elsewhere.
const byHand = "in the file named by: cara config path";

/** The sentence of `VendorDefinition.howToSetUp`. */
export function setUpText(names: { label: string; variable: string; path: string }): string {
  const { label, variable, path } = names;
  return `${label} is not set up: set ${variable} where the gateway starts, or write ${path} ${byHand}`;
}
