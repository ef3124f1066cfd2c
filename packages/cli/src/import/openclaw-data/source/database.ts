import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { OpenClawDatabase } from "@carapace/state/openclaw";
import type { SourceFolder } from "./folder.ts";

export const unknownLayout = "The database is laid out in a way that is not known.";

/**
 * Opens a copy of a database in a folder of the source; the caller disposes of it.
 * @returns undefined if there is none; refused with a sentence if it cannot be read
 */
export async function openDatabase(
  parent: SourceFolder,
  place: { readonly folder: string; readonly name: string },
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly found: Result<OpenClawDatabase> } | undefined> {
  const folder = parent.folder(place.folder);
  if (!folder.ok || folder.value?.file(place.name) === undefined) return undefined;
  const path = folder.value.pathOf(place.name);
  const { openOpenClawDatabase } = await import("@carapace/state/openclaw");
  const opened = await openOpenClawDatabase(`${folder.value.dir}/${place.name}`, signal);
  if (!opened.ok) return { path, found: refuse(opened.code, `The database ${opened.say}.`) };
  const { value } = opened;
  return { path, found: value === undefined ? refuse("conflict", unknownLayout) : ok(value) };
}
