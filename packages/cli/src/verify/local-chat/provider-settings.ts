import type { ConfigSnapshot } from "@carapace/config";
import { nameIfSet, type SetupProvider, type SetupSetting, setupProviders } from "@carapace/config/setup";

/** What a configuration and its variables say of a provider. */
export type Settings = Pick<ConfigSnapshot, "lookup" | "resolved">;

/** The credential of a provider as it is set: a variable, a key of the file, or that of a stored sign-in. Pure. */
export function credentialOf(provider: SetupProvider, settings: Settings): string | undefined {
  const places = [needed(provider), provider.profile];
  return places.map((place) => place && nameIfSet(place, settings)).find((name) => name !== undefined);
}

/** What has to be set for a provider, in words. Pure. */
export function namesOf(provider: SetupProvider): string {
  const setting = needed(provider);
  if (setting === undefined) return provider.profile?.path ?? `${provider.label}'s sign-in`;
  return [...setting.variables.slice(0, 1), setting.path].join(" or ");
}

/** Where a provider is asked, in words. Pure. */
export function addressOf({ baseUrl, label }: SetupProvider): string {
  return baseUrl === undefined
    ? `what is set of ${label}`
    : [...baseUrl.variables, baseUrl.path].join(" or ");
}

/** The first setting that a provider cannot do without. */
function needed({ id, key, baseUrl, settings = {} }: SetupProvider): SetupSetting | undefined {
  const proof = id === "ollama" ? baseUrl : key;
  return proof ?? settings["accessKeyId"] ?? settings["projectId"] ?? settings["enabled"];
}

/** Models of other providers that are set up: the way out where one does not work. Pure. */
export function otherModels(failed: SetupProvider | undefined, settings: Settings): readonly string[] {
  return setupProviders
    .filter((one) => one.id !== failed?.id && credentialOf(one, settings) !== undefined)
    .map(({ exampleModel }) => exampleModel);
}
