import type { Json } from "@carapace/protocol";
import type { Refusal } from "@carapace/protocol/failures";
import { parseJson5 } from "../json5/parse.ts";
import { parseKey } from "../key-path.ts";
import { LoadError } from "../load/failure.ts";
import { issuePath } from "../load/issue-path.ts";
import { isJsonObject } from "../load/merge.ts";
import { type FileText, readConfigFile } from "../load/read.ts";
import { configPathOf } from "../paths.ts";
import { isRecord, valueAt } from "../record.ts";
import type { ConfigSnapshot } from "../types.ts";
import { type Base, lockConfig, readBase, storeText } from "./locked.ts";
import { withValue } from "./patterns.ts";
import type { Prepared } from "./prepare.ts";
import type { WriteContext } from "./write.ts";

/** One key to be set, by somebody who saw the file before. */
export interface KeyPatch {
  /** As people write it: `gateway.controlUi.enabled`. */
  readonly key: string;
  readonly value: Json;
  /** The hash of the text that was seen; needed if there is a file. */
  readonly baseHash?: string | undefined;
  /** What the caller finds wrong with the value; told where the result would be found wrong. */
  readonly problems?: readonly KeyIssue[];
}

interface KeyIssue {
  readonly path: string;
  readonly message: string;
}

/**
 * Why nothing was written, in the order of http.md §12.3: no hash was given, it is not the file's, the file is no
 * object, the result would be wrong or is forbidden, the file changed meanwhile, another program holds the lock, the disk.
 */
export type KeyPatchProblem =
  | "unhashed"
  | "stale"
  | "unparsable"
  | "invalid"
  | "forbidden"
  | "changed"
  | "busy"
  | "failed";

export interface KeyPatchRefusal {
  readonly ok: false;
  readonly problem: KeyPatchProblem;
  readonly say: string;
  readonly issues: readonly KeyIssue[];
}

export type KeyPatchOutcome = { readonly ok: true; readonly snapshot: ConfigSnapshot } | KeyPatchRefusal;

/**
 * Sets one key of the file, if it still is the one that was seen (http.md §12.3). Comments and layout stay. What is
 * written must also be what is in force then: a value that would be replaced by a default is refused.
 */
export async function patchConfigKey(patch: KeyPatch, context: WriteContext): Promise<KeyPatchOutcome> {
  const path = context.path ?? configPathOf(context.env);
  const seen = lookAt(path, patch.baseHash);
  if (!seen.ok) return seen;
  if (patch.problems && patch.problems.length > 0) return invalid(patch.problems);
  const locked = await lockConfig(path, context.waitMs);
  if (!locked.ok) {
    const isHeld = !("problem" in locked);
    return refused(isHeld ? "busy" : "failed", locked.say);
  }
  using _lock = locked.value;
  const base = readBase(path);
  if (!base.ok || base.value.hash !== seen.hash) return refused("changed", changedSentence);
  const prepared = await prepareKey(patch, base.value, { ...context, path });
  if (!prepared.ok) return prepared;
  // An editor asks for no lock.
  const now = readBase(path);
  if (!now.ok || now.value.hash !== seen.hash) return refused("changed", changedSentence);
  const stored = storeText(path, prepared.text, context.steps);
  return stored.ok ? { ok: true, snapshot: prepared.snapshot } : refused("failed", stored.say);
}

const changedSentence = "the configuration file changed meanwhile; read it again and retry";

type Seen = { readonly ok: true; readonly hash: string | null } | KeyPatchRefusal;

/** Compares with what the caller saw before anybody waits for the lock. */
function lookAt(path: string, baseHash: string | undefined): Seen {
  let file: FileText | undefined;
  try {
    file = readConfigFile(path);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return refused("failed", `the configuration file cannot be read: ${error.message}`);
  }
  if (file === undefined) return { ok: true, hash: null };
  if (baseHash === undefined || baseHash.trim() === "") {
    return refused("unhashed", "baseHash is required: read the configuration, and send its hash along");
  }
  if (baseHash !== file.hash) {
    return refused("stale", "the configuration changed since it was read; read it again and retry");
  }
  const parsed = parseJson5(file.text);
  if (parsed.ok && isJsonObject(parsed.value)) return { ok: true, hash: file.hash };
  const why = parsed.ok ? "it must hold an object" : parsed.fault.say;
  return refused("unparsable", `the configuration file cannot be parsed: ${why}; mend it in an editor`);
}

type PreparedKey = ({ readonly ok: true } & Pick<Prepared, "text" | "snapshot">) | KeyPatchRefusal;

async function prepareKey(
  { key, value }: KeyPatch,
  base: Base,
  context: WriteContext & { readonly path: string },
): Promise<PreparedKey> {
  const steps = parseKey(key);
  const parsed = steps && withValue(base.parsed, steps, value);
  if (!steps || !isJsonObject(parsed)) return invalid([{ path: "", message: `"${key}" cannot be set` }]);
  const { prepare } = await import("./prepare.ts");
  const prepared = await prepare({ base, proposal: { parsed } }, context);
  if (!prepared.ok) return refusedBy(prepared);
  const { text, snapshot } = prepared.value;
  if (Bun.deepEquals(valueAt(snapshot.config as unknown, steps), value, true))
    return { ok: true, text, snapshot };
  const path = issuePath(steps);
  const told = snapshot.issues.filter((issue) => issue.path === path);
  const message = "the value is not one this key takes; it would have no effect";
  return invalid([{ path, message }, ...told]);
}

function refusedBy({ code, say, details }: Refusal): KeyPatchRefusal {
  if (code === "forbidden") return refused("forbidden", say);
  const issues = isRecord(details) ? details["issues"] : undefined;
  return { ...refused("invalid", say), issues: Array.isArray(issues) ? issues.flatMap(issueOf) : [] };
}

function issueOf(issue: unknown): KeyIssue[] {
  if (!isRecord(issue)) return [];
  return [{ path: String(issue["path"] ?? ""), message: String(issue["message"] ?? "") }];
}

function invalid(issues: readonly KeyIssue[]): KeyPatchRefusal {
  const shown = issues.map(({ path, message }) => ({ path, message }));
  return {
    ...refused("invalid", "the configuration would not be valid; nothing was changed"),
    issues: shown,
  };
}

function refused(problem: KeyPatchProblem, say: string): KeyPatchRefusal {
  return { ok: false, problem, say, issues: [] };
}
