import { type Config, type HookMappingConfig, hookPresetNames } from "@carapace/config";
import { definedOnly } from "../../defined-only.ts";
import { hookPresets, type MappingFields } from "./presets.ts";

/** A mapping with everything its preset gives it. */
export interface Mapping extends MappingFields {
  readonly id: string;
  /** Where it comes from: an entry of the file, or a preset that is switched on as it is. */
  readonly source: "config" | "preset";
}

export type HookSettings = Config["gateway"]["hooks"];

/** The mappings of a configuration in the order they are asked: its own entries, then its presets. Pure. */
export function mappingsOf(hooks: HookSettings): readonly Mapping[] {
  const own = hooks.mappings.map((entry, index) => ({
    ...filled(entry),
    id: entry.id?.trim() || idOf(filled(entry), index),
    source: "config" as const,
  }));
  const presets = hookPresetNames
    .filter((name) => hooks.presets.includes(name))
    .map((name) => ({
      ...hookPresets[name],
      ...(name === "gmail" && hooks.gmail.allowUnsafeExternalContent
        ? { allowUnsafeExternalContent: true }
        : {}),
      id: name,
      source: "preset" as const,
    }));
  return [...own, ...presets];
}

/** What an entry says itself wins over its preset. */
function filled({ preset, ...entry }: HookMappingConfig): MappingFields {
  const name = hookPresetNames.find((known) => known === preset);
  if (name === undefined) return entry;
  const { match, ...fields } = hookPresets[name];
  return { ...fields, ...definedOnly(entry), match: definedOnly({ ...match, ...entry.match }) };
}

function idOf({ match }: MappingFields, index: number): string {
  const path = plainPath(match?.path);
  return path === "" ? `mapping-${index + 1}` : path;
}

/** A path without outer slashes and blanks. */
export function plainPath(path: string | undefined): string {
  return (path ?? "")
    .trim()
    .replace(/^\/+|\/+$/g, "")
    .trim();
}

/** The mappings of a path, whatever the payload says. */
export function forPath(mappings: readonly Mapping[], path: string): readonly Mapping[] {
  return mappings.filter(({ match }) => {
    const wanted = plainPath(match?.path);
    return wanted === "" || wanted === path;
  });
}

/** Whether a mapping of its path also fits what the payload calls its source. */
export function fitsSource({ match }: Mapping, source: string | undefined): boolean {
  const wanted = match?.source?.trim().toLowerCase();
  return wanted === undefined || wanted === "" || wanted === source?.trim().toLowerCase();
}
