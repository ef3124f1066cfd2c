import { lstatSync } from "node:fs";
import { createPrivate, type DiskSteps, type FileResult } from "@carapace/files";
import { readPrivate } from "@carapace/files/read";
import type { JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { isJsonObject } from "../load/merge.ts";
import { maxFileBytes } from "../load/read.ts";
import { configPathOf } from "../paths.ts";
import type { ConfigAccess, ConfigSnapshot } from "../types.ts";
import { type Base, lockConfig, readBase, realTarget, storeText } from "./locked.ts";
import { mergePatch } from "./merge-patch.ts";

/** How a whole configuration meets the file that may be there. */
export interface OwnersWriteContext extends ConfigAccess {
  /**
   * `create` refuses if there is a file. `replace` puts the document in its place, even if it does not parse. `merge`
   * sets what the document has and leaves the rest, comments included (RFC 7396: null removes).
   */
  readonly mode: "create" | "replace" | "merge";
  /**
   * Called once the document is known to load, before anything is written, for what has to be there with it. What it
   * refuses, the write refuses.
   */
  readonly whenSound?: () => Promise<Result<undefined>>;
  /** False: the old file is not kept, as after every other write of single keys; it may hold secrets in clear. */
  readonly keepsOld?: false;
  /** How long to wait for another writer, in ms; 10 000 unless told. */
  readonly waitMs?: number;
  /** What is done to the disk; a test lets it fail. */
  readonly steps?: DiskSteps;
}

export interface OwnersWritten {
  readonly path: string;
  /** The configuration as it is now; it has no errors, but its warnings are worth telling. */
  readonly snapshot: ConfigSnapshot;
  /** Where the old file is kept, byte for byte; absent if there was none. */
  readonly backupPath?: string;
}

/**
 * Writes a whole configuration for an owner who asked for it at the terminal (setup, import): protected keys included.
 * It is loaded and validated first as at the start, with every `${VAR}` set, and sealed if there is a config password;
 * what would not load leaves the file as it is. The old file is kept beside it, and no earlier backup is written over.
 * @returns `conflict` if `create` finds a file; else why nothing was changed
 */
export async function writeOwnersConfig(
  document: JsonObject,
  context: OwnersWriteContext,
): Promise<Result<OwnersWritten>> {
  const path = context.path ?? configPathOf(context.env);
  const locked = await lockConfig(path, context.waitMs);
  if (!locked.ok) return locked;
  using _lock = locked.value;
  const base = baseFor(context.mode, path);
  if (!base.ok) return base;
  const parsed = context.mode === "merge" ? mergePatch(base.value.parsed, document) : document;
  if (!isJsonObject(parsed)) return refuse("invalid_request", "a configuration is an object");
  const { prepare } = await import("./prepare.ts");
  const prepared = await prepare(
    { base: base.value, proposal: { parsed } },
    { ...context, path, through: "setup", isOwners: true },
  );
  if (!prepared.ok) return prepared;
  const sound = await context.whenSound?.();
  if (sound?.ok === false) return sound;
  const backup = context.keepsOld === false ? ok(undefined) : keepOld(path, context.steps);
  if (!backup.ok) return backup;
  const stored = storeText(path, prepared.value.text, context.steps);
  if (!stored.ok) return stored;
  const { snapshot } = prepared.value;
  return ok({ path, snapshot, ...(backup.value !== undefined && { backupPath: backup.value }) });
}

/** What the document is compared with: nothing, unless it is merged. */
function baseFor(mode: OwnersWriteContext["mode"], path: string): Result<Base> {
  if (mode === "merge") return readBase(path);
  if (mode === "create" && lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    return refuse("conflict", `${path} is there already; nothing was changed`);
  }
  return ok({ text: null, hash: null, parsed: {} });
}

const mostBackups = 1000;

/** Keeps the old file as `<file>.bak`, or `.bak.1` and so on if there are earlier ones. @returns where, if there was one */
function keepOld(path: string, steps: DiskSteps | undefined): Result<string | undefined> {
  const old = readPrivate(realTarget(path), { maxBytes: maxFileBytes, mode: "any" });
  if (!old.ok) return refuse("unavailable", `the old configuration cannot be backed up: ${old.say}`);
  if (old.value === undefined) return ok(undefined);
  for (let count = 0; count < mostBackups; count++) {
    const backup = count === 0 ? `${path}.bak` : `${path}.bak.${count}`;
    const kept: FileResult<undefined> = createPrivate(backup, old.value, steps);
    if (kept.ok) return ok(backup);
    if (kept.problem !== "exists") {
      return refuse("unavailable", `the old configuration cannot be backed up: ${kept.say}`);
    }
  }
  return refuse("conflict", `there are ${mostBackups} backups of ${path}; remove those you do not need`);
}
