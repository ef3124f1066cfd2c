import type { ProfileSummary } from "@carapace/accounts";
import { type ConfigSnapshot, lookupKey } from "@carapace/config";
import { nameIfSet, type Setting } from "@carapace/config/setup";
import { isRecord } from "@carapace/protocol";
import { looksSealed } from "@carapace/secrets/envelope-kind";

/** What is known of the providers, without asking anybody. */
export interface ProviderFacts {
  readonly snapshot: Pick<ConfigSnapshot, "config" | "lookup" | "parsed" | "resolved">;
  /** Whether the running gateway has one of this prefix; if not, what to do. */
  readonly find: (prefix: string) => { readonly ok: true } | { readonly ok: false; readonly say: string };
  /** Models that failed and are not asked for a while. */
  readonly resting: readonly { readonly model: string; readonly why: string }[];
  /** The stored sign-ins; asked for only where a setting names one. Undefined: the file cannot be read. */
  readonly profiles: () => Promise<readonly ProfileSummary[] | undefined>;
}

/** A setting's name where it was made; a section that is there counts, be it empty. */
export function settingName(
  setting: Setting,
  snapshot: Pick<ConfigSnapshot, "lookup" | "resolved">,
): string | undefined {
  const isSection = isRecord(lookupKey(snapshot.resolved, setting.path));
  return nameIfSet(setting, snapshot) ?? (isSection ? setting.path : undefined);
}

/** There as a text in the file, and yet nothing: it was not opened. */
export function isSealed({ path }: Setting, { parsed, resolved }: ProviderFacts["snapshot"]): boolean {
  return looksSealed(lookupKey(parsed, path)) && lookupKey(resolved, path) == null;
}

/** Made by its owner, though it may not open. */
export function isGiven(setting: Setting, snapshot: ProviderFacts["snapshot"]): boolean {
  return settingName(setting, snapshot) !== undefined || isSealed(setting, snapshot);
}

/** The stored sign-in that a path of the configuration names. */
export function profileIdAt(path: string, { resolved }: ProviderFacts["snapshot"]): string | undefined {
  const id = lookupKey(resolved, path);
  return typeof id === "string" && id.trim() !== "" ? id.trim() : undefined;
}
