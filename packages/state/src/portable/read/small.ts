import type { PortableFile, PortableItem, PortableProblem, PortableStore } from "../types.ts";

/** A store that is one JSON file, read whole. */
export interface SmallStore {
  readonly path: string;
  readonly store: PortableStore;
  readonly maxBytes: number;
  /** Pure. The items of the file's text, and what of it is none. */
  read(text: string, context: SmallContext): Iterable<PortableItem>;
}

export interface SmallContext {
  readonly file: PortableFile;
  readonly store: PortableStore;
  /** Labels in the file are believed: an archive of our own says them. */
  readonly trustsAll?: boolean;
}

/** One record of a file, or the whole file, that cannot be read. */
export function corrupt({ file, store }: Pick<SmallContext, "file" | "store">, say: string): PortableProblem {
  return { kind: "problem", state: "corrupt", store, path: file.path, say };
}

export function note({ file, store }: Pick<SmallContext, "file" | "store">, say: string): PortableProblem {
  return { kind: "problem", state: "note", store, path: file.path, say };
}
