import type { ConfigSnapshot } from "@carapace/config";
import { type SetupProvider, type SetupSetting, setupProviders } from "@carapace/config/setup";
import { isRecord } from "../../link/json.ts";

/** What a configuration and its variables say of a provider. */
export type Settings = Pick<ConfigSnapshot, "lookup" | "resolved">;

/** The variable, or else the key of the file, that makes a setting; undefined if nothing does. Pure. */
export function nameOf({ variables, path }: SetupSetting, settings: Settings): string | undefined {
  const variable = variables.find((name) => (settings.lookup(name) ?? "").trim() !== "");
  return variable ?? (isSaid(path, settings) ? path : undefined);
}

/** Whether the file says something at a dotted path. Pure. */
export function isSaid(path: string, { resolved }: Settings): boolean {
  let value: unknown = resolved;
  for (const part of path.split(".")) value = isRecord(value) ? value[part] : undefined;
  return (typeof value === "string" && value.trim() !== "") || value === true;
}

/** The credential of a provider as it is set: a variable, a key of the file, or that of a stored sign-in. Pure. */
export function credentialOf(provider: SetupProvider, settings: Settings): string | undefined {
  const set = needed(provider).flatMap((setting) => nameOf(setting, settings) ?? []);
  const { profilePath } = provider;
  return set[0] ?? (profilePath !== undefined && isSaid(profilePath, settings) ? profilePath : undefined);
}

/** What has to be set for a provider, in words. Pure. */
export function namesOf(provider: SetupProvider): string {
  const names = needed(provider).flatMap(({ variables, path }) => [...variables.slice(0, 1), path]);
  return names.length === 0 ? (provider.profilePath ?? `${provider.label}'s sign-in`) : names.join(" or ");
}

/** Where a provider is asked, in words. Pure. */
export function addressOf({ baseUrl, label }: SetupProvider): string {
  return baseUrl === undefined
    ? `what is set of ${label}`
    : [...baseUrl.variables, baseUrl.path].join(" or ");
}

/** The first setting that a provider cannot do without. */
function needed({ id, key, baseUrl, settings = {} }: SetupProvider): readonly SetupSetting[] {
  const one =
    (id === "ollama" ? baseUrl : key) ??
    settings["accessKeyId"] ??
    settings["projectId"] ??
    settings["enabled"];
  return one === undefined ? [] : [one];
}

/** Models of other providers that are set up: the way out where one does not work. Pure. */
export function otherModels(failed: SetupProvider | undefined, settings: Settings): readonly string[] {
  return setupProviders
    .filter((one) => one.id !== failed?.id && credentialOf(one, settings) !== undefined)
    .map(({ exampleModel }) => exampleModel);
}
