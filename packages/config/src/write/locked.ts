import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import {
  type DiskSteps,
  ensureFolder,
  type HeldLock,
  lockFile,
  replaceWhole,
  systemCode,
} from "@carapace/files";
import type { JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { parseJson5 } from "../json5/parse.ts";
import { tooManySalts } from "../load/envelope.ts";
import { LoadError } from "../load/failure.ts";
import { issuePath } from "../load/issue-path.ts";
import { isJsonObject } from "../load/merge.ts";
import { type FileText, readConfigFile } from "../load/read.ts";

/** What stands in the file now; null without one. */
export interface Base {
  readonly text: string | null;
  readonly hash: string | null;
  readonly parsed: JsonObject;
}

const defaultWaitMs = 10_000;

/** The config file's own lock, `<file>.lock`, which every writer holds (cli.md §2.5). @param waitMs 10 000 unless told */
export async function lockConfig(path: string, waitMs = defaultWaitMs): Promise<Result<HeldLock>> {
  const folder = ensureFolder(dirname(path));
  if (!folder.ok) return folder;
  const locked = await lockFile(`${path}.lock`, { waitMs });
  if (locked.ok || locked.problem !== "held") return locked;
  const say = `another program has been holding ${path}.lock for ${waitMs / 1000} s; try again when it is done`;
  return refuse("unavailable", say);
}

/** Reads what stands in the file; refused if it does not parse. The caller holds the lock, if it is to write. */
export function readBase(path: string): Result<Base> {
  let file: FileText | undefined;
  try {
    file = readConfigFile(path);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return refuse("unavailable", `config base hash unavailable; ${error.message}`);
  }
  if (!file) return ok({ text: null, hash: null, parsed: {} });
  const parsed = parseJson5(file.text);
  if (parsed.ok && isJsonObject(parsed.value)) {
    // Before a write opens any of them to compare: loading would refuse them too, but later.
    const fault = tooManySalts(parsed.value);
    if (fault) return refuse("invalid_request", `${path}: ${issuePath(fault.path)}: ${fault.say}`);
    return ok({ ...file, parsed: parsed.value });
  }
  const why = parsed.ok ? "it must hold an object" : parsed.fault.say;
  return refuse(
    "invalid_request",
    `${path} cannot be parsed: ${why}; mend it in an editor first (cara config validate says where)`,
  );
}

/** Replaces the file as a whole, owner-only; the caller holds the lock. */
export function storeText(path: string, text: string, steps?: DiskSteps): Result<undefined> {
  const bytes = Buffer.from(text);
  const written = replaceWhole(realTarget(path), bytes, { tag: "cfg", ...(steps && { steps }) });
  if (written.ok || written.problem === "unsynced") return written;
  return { ...written, say: `${written.say} Nothing was changed.` };
}

/** A symbolic link stays one: what it leads to is replaced. */
export function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // A link that leads nowhere is refused by whoever writes to it.
    if (systemCode(error) === undefined) throw error;
    return path;
  }
}
