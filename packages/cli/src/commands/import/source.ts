import { lstatSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { referenceMemoryDirOf } from "@carapace/config";
import { lockFile } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { PortableSource } from "@carapace/state/portable";
import type { Place } from "../../closed-state/place.ts";
import type { CliWorld } from "../../world.ts";

/** A state directory of the reference. */
export interface ReferenceSource {
  readonly dir: string;
  /** Whether it is this program's own state directory, too. */
  readonly isInPlace: boolean;
  readonly memoryDir: string;
  /** Its configuration, if it has one. */
  readonly configPath: string | undefined;
  readonly files: PortableSource;
}

/** Finds what is to be imported. @returns the refusal `not_found` if the directory has nothing of the reference */
export async function findSource(
  given: string | undefined,
  place: Place,
  { env }: CliWorld,
): Promise<Result<ReferenceSource>> {
  const dir = resolve(given ?? place.dir);
  if (!isFolder(dir)) return refuse("not_found", `there is no directory ${dir}: name the one to import`);
  const own = join(dir, "memory");
  const memoryDir = isFolder(own) ? own : referenceMemoryDirOf(env);
  const { directorySource } = await import("@carapace/state/portable");
  const files = directorySource(dir, { layout: "state", memoryDir });
  const names = ["carapace.json5", "carapace.json"].map((name) => join(dir, name));
  const source = {
    dir: files.name,
    isInPlace: isSameFolder(dir, place.dir),
    memoryDir,
    configPath: names.find(isFile),
    files,
  };
  for await (const _entry of files.entries()) return ok(source);
  return refuse(
    "not_found",
    `nothing of the reference was found in ${dir}: name its state directory (CARAPACE_STATE_DIR of that program)`,
  );
}

/**
 * Keeps a gateway of the reference from running on the source meanwhile (state.md §16). Nothing is made there: a
 * directory without the lock's file had none.
 * @returns the refusal `conflict` while one runs
 */
export async function lockSource({
  dir,
  isInPlace,
}: ReferenceSource): Promise<Result<Disposable | undefined>> {
  const path = join(dir, ".matrix-rekey.lock.lock");
  if (isInPlace || !isFile(path)) return ok(undefined);
  const lock = await lockFile(path);
  if (lock.ok) return ok(lock.value);
  if (lock.problem !== "held") return ok(undefined);
  return refuse("conflict", `a gateway runs on ${dir}: stop it, then try again`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isSameFolder(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
