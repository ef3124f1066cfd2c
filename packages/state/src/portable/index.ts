import type { State } from "../types.ts";
import type { ImportOptions, ImportReport, PortableItem, PortableOutput, WriteOptions } from "./types.ts";

export { readPortable } from "./read/read.ts";
export type { DirectoryOptions } from "./source/directory.ts";
export { directorySource } from "./source/directory.ts";
export type * from "./types.ts";
export { portableSections, portableStores } from "./types.ts";

/** Takes items into a state. @throws StateError of the state; what the source cannot give is in the report */
export function importPortable(
  items: AsyncIterable<PortableItem>,
  state: State,
  options: ImportOptions,
): Promise<ImportReport> {
  return state.portable.import(items, options);
}

/** Writes a state's sections as files of the reference's format. */
export function writePortable(state: State, options: WriteOptions): AsyncIterable<PortableOutput> {
  return state.portable.write(options);
}
