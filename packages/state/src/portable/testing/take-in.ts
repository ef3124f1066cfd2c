import type { State } from "../../types.ts";
import { directorySource, readPortable } from "../index.ts";
import type { ImportOptions, ImportReport, ReadOptions } from "../types.ts";
import type { ReferenceDirectory } from "./reference-directory.ts";

/** Imports a reference directory as the command does. */
export async function takeIn(
  directory: Pick<ReferenceDirectory, "path" | "memoryDir">,
  state: State,
  options: ReadOptions & Partial<ImportOptions> = {},
): Promise<ImportReport> {
  const source = directorySource(directory.path, { layout: "state", memoryDir: directory.memoryDir });
  const importing = { mode: "add" as const, source: source.name, nowMs: () => 1_764_000_009_000, ...options };
  return await state.portable.import(readPortable(source, options), importing);
}
