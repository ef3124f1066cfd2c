export { noteLimits } from "../memory/memory.ts";
export { type Line, linesOf } from "./read/lines.ts";
export { readPortable } from "./read/read.ts";
export type { DirectoryOptions } from "./source/directory.ts";
export { directorySource } from "./source/directory.ts";
export type * from "./types.ts";
export { portableStores } from "./types.ts";
