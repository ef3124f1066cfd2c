import { realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { systemCode } from "@carapace/files/system-code";
import type { Json, JsonObject } from "@carapace/protocol";
import { LoadError } from "./failure.ts";
import { isJsonObject, mergeJson, Origins } from "./merge.ts";
import { maxValues, parseFile } from "./parse-file.ts";
import { readConfigFile } from "./read.ts";

/** Levels of files below the main file (config.md §4). */
const maxIncludeDepth = 10;
/** Included files of one load and their bytes together: diamonds are allowed, an avalanche of them is not. */
const maxIncludes = 512;
const maxIncludedBytes = 32 * 1024 * 1024;

/** A tree without `$include`, and how it came about. */
export interface Expanded {
  readonly tree: Json;
  /** Every included path, also one that is missing or broken: they are watched. */
  readonly files: Set<string>;
  readonly origins: Origins;
}

/** What an expansion may read, and where it tells what it read. */
export interface IncludeLimits {
  /** Filled while it goes, so that it is complete after a failure too. */
  readonly files?: Set<string>;
  /** Real paths outside the main file's folder that may be read; any unless told. */
  readonly outside?: ReadonlySet<string>;
}

interface Work {
  readonly files: Set<string>;
  /** Whether the file at this real path may be read. */
  readonly allows: (real: string) => boolean;
  readonly origins: Origins;
  count: number;
  bytes: number;
  values: number;
}

interface Spot {
  readonly file: string;
  /** Real paths of the files from the main file down to this one. */
  readonly chain: readonly string[];
  readonly path: readonly (string | number)[];
}

/**
 * Resolves `$include` at any nesting (config.md §4). A file may come twice, but not below itself.
 * @throws LoadError
 */
export function expandIncludes(tree: Json, file: string, limits: IncludeLimits = {}): Expanded {
  const { files = new Set<string>(), outside } = limits;
  const folder = realPath(dirname(file));
  const allows = (real: string) => !outside || outside.has(real) || isInside(folder, real);
  const work: Work = { files, allows, origins: new Origins(), count: 0, bytes: 0, values: 0 };
  const expanded = expand(tree, { file, chain: [realPath(file)], path: [] }, work);
  return { tree: expanded, files, origins: work.origins };
}

function expand(value: Json, spot: Spot, work: Work): Json {
  if (Array.isArray(value)) return expandArray(value, spot, work);
  if (!isJsonObject(value)) return value;
  const own = expandMembers(value, spot, work);
  if (!Object.hasOwn(value, "$include")) return own;
  const alone = Object.keys(own).length === 0;
  let merged: Json = {};
  for (const name of includeNames(value["$include"], spot)) {
    const content = load(name, { ...spot, path: [...spot.path, "$include"] }, work);
    if (!alone && !isJsonObject(content)) {
      const say = `"${name}" is not an object, so nothing can stand beside its $include; put the other keys elsewhere`;
      throw new LoadError("IncludeMustBeObject", say, { file: spot.file, path: [...spot.path, "$include"] });
    }
    merged = mergeJson(merged, content, work.origins);
  }
  return alone ? merged : mergeJson(merged, own, work.origins);
}

function expandArray(value: readonly Json[], spot: Spot, work: Work): Json {
  const copy: Json[] = [];
  for (const [index, item] of value.entries()) {
    const path = [...spot.path, index];
    copy.push(expand(item, { ...spot, path }, work));
    work.origins.note(copy, index, { file: spot.file, path });
  }
  return copy;
}

function expandMembers(value: JsonObject, spot: Spot, work: Work): JsonObject {
  const copy: Record<string, Json> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name === "$include") continue;
    const path = [...spot.path, name];
    copy[name] = expand(inner, { ...spot, path }, work);
    work.origins.note(copy, name, { file: spot.file, path });
  }
  return copy;
}

function includeNames(value: Json | undefined, spot: Spot): readonly string[] {
  const names = typeof value === "string" ? [value] : value;
  if (Array.isArray(names) && names.every((name): name is string => typeof name === "string" && name !== ""))
    return names;
  throw new LoadError("InvalidIncludeDirective", "$include must be a file name or a list of file names", {
    file: spot.file,
    path: [...spot.path, "$include"],
  });
}

function load(name: string, spot: Spot, work: Work): Json {
  const at = { file: spot.file, path: spot.path };
  const target = resolve(dirname(spot.file), name);
  work.files.add(target);
  if (spot.chain.length > maxIncludeDepth) {
    throw new LoadError(
      "IncludeDepthExceeded",
      `"${name}" is included ${maxIncludeDepth + 1} levels deep; ${maxIncludeDepth} are allowed`,
      at,
    );
  }
  if (++work.count > maxIncludes) {
    throw new LoadError("IncludeDepthExceeded", `more than ${maxIncludes} files are included`, at);
  }
  const real = realPath(target);
  // Before anything is read: the answer must be the same whatever is there.
  if (!work.allows(real)) {
    const say = `"${name}" is outside the configuration's folder; only an editor may include it`;
    throw new LoadError("InvalidIncludeDirective", say, at);
  }
  if (spot.chain.includes(real))
    throw new LoadError("CircularInclude", `"${name}" includes itself; remove one of the $include`, at);
  const read = readConfigFile(target);
  if (!read)
    throw new LoadError(
      "IncludeNotFound",
      `the included file "${name}" is not there; create it or remove the $include`,
      at,
    );
  work.bytes += read.text.length;
  if (work.bytes > maxIncludedBytes)
    throw new LoadError("ReadError", "the included files are larger than 32 MiB together", at);
  const { tree, values } = parseFile(target, read.text, maxValues - work.values);
  work.values += values;
  return expand(tree, { file: target, chain: [...spot.chain, real], path: [] }, work);
}

function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path without symbolic links; the path itself if it leads nowhere. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (systemCode(error) === "ELOOP")
      throw new LoadError("ReadError", "its symbolic links go in a circle", { file });
    return file;
  }
}
