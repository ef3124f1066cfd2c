import { lookupKey } from "../key-path.ts";
import type { ConfigSnapshot } from "../types.ts";
import type { SetupSetting } from "./providers.ts";

/** A setting that may have no variable. */
export type Setting = Pick<SetupSetting, "path"> & Partial<SetupSetting>;

/**
 * What a setting is called where it was made, the environment before the file (config.md §12): as a text that is not
 * blank, or as `true`. Pure.
 * @returns the variable or the key; undefined if nothing makes it
 */
export function nameIfSet(
  { variables = [], path }: Setting,
  { lookup, resolved }: Pick<ConfigSnapshot, "lookup" | "resolved">,
): string | undefined {
  const variable = variables.find((name) => (lookup(name) ?? "").trim() !== "");
  const value = lookupKey(resolved, path);
  const isInFile = value === true || (typeof value === "string" && value.trim() !== "");
  return variable ?? (isInFile ? path : undefined);
}
