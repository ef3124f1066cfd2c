import type { Secret } from "@carapace/config";
import { type SetupProvider, type SetupSetting, setupProvider } from "@carapace/config/setup";
import { isThisMachine } from "@carapace/fetch/check-url";
import { ok, type Result, refuse } from "@carapace/protocol";
import { baseUrlFrom, find, keyFrom, type ProviderSource } from "./settings.ts";
import type { ConfiguredVendor, Vendor } from "./vendor.ts";

/** What the settings of an account are called, and where it is unless they say. */
export interface AccountNames extends Pick<SetupProvider, "id" | "label" | "exampleModel"> {
  readonly key: SetupSetting;
  readonly baseUrl: SetupSetting;
  readonly defaultUrl: string;
}

/** Of those whose address setting up does not ask for. */
const ownUrls: Partial<Readonly<Record<SetupProvider["id"], string>>> = {
  anthropic: "https://api.anthropic.com",
  openai: "https://api.openai.com",
  gemini: "https://generativelanguage.googleapis.com",
};

/** Pure. What the table of setting up says of a provider that has a key and an address. */
export function accountNames(id: SetupProvider["id"]): AccountNames {
  const { label, exampleModel, key, baseUrl } = setupProvider(id);
  const defaultUrl = baseUrl?.default ?? ownUrls[id];
  if (key === undefined || baseUrl === undefined || defaultUrl === undefined)
    throw new Error(`${id} has no key or no address`);
  return { id, label, exampleModel, key, baseUrl, defaultUrl };
}

/** An account at a vendor, or a server of the owner's. */
export interface Account {
  readonly vendor: Vendor;
  readonly key: Secret | undefined;
  /** Without `/v1` and trailing slash. */
  readonly baseUrl: string;
}

/** Reads key and base URL. @returns an account without a key if none is set; refused for a key or URL that cannot work */
export function readAccount(source: ProviderSource, names: AccountNames, allowHttp = false): Result<Account> {
  const keySetting = find(source, names.key.variables, names.key.path);
  const urlSetting = find(source, names.baseUrl.variables, names.baseUrl.path);
  const key = keyFrom(keySetting);
  if (!key.ok) return key;
  const urlName = urlSetting?.name ?? either(names.baseUrl);
  const baseUrl = baseUrlFrom({ text: urlSetting?.text ?? names.defaultUrl, name: urlName }, allowHttp);
  if (!baseUrl.ok) return baseUrl;
  const vendor = {
    id: names.id,
    label: names.label,
    keyName: keySetting?.name ?? either(names.key),
    urlName,
    isLocal: isThisMachine(new URL(baseUrl.value)),
    secrets: key.value === undefined ? [] : [key.value],
  };
  return ok({ vendor, key: key.value, baseUrl: baseUrl.value });
}

function either({ variables, path }: SetupSetting): string {
  return [...variables, path].join(" or ");
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

/** What makes an account's provider another one when it changes. */
export function accountParts({ baseUrl, key, vendor }: Account): string[] {
  return [baseUrl, key?.reveal() ?? "", vendor.keyName];
}

/** The answer of a vendor whose models are the owner's to choose. */
export function mustChoose({
  label,
  exampleModel: example,
}: Pick<AccountNames, "label" | "exampleModel">): Result<string> {
  return refuse(
    "missing_model",
    `No model is chosen, and ${label} has no usual one: cara config set agents.defaults.model ${example}`,
  );
}

// `cara config set` takes no keys and no addresses they are sent to: a script could then lead a key elsewhere.
const byHand = "in the file named by: cara config path";

/** The sentence of `VendorDefinition.howToSetUp`. */
export function setUpText(label: string, { variables: [variable], path }: SetupSetting): string {
  const other = path.endsWith(".apiKey") ? `run: cara secrets set ${path}` : `write ${path} ${byHand}`;
  return `${label} is not set up: set ${variable} where the gateway starts, or ${other}`;
}
