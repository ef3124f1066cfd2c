import { type Refusal, refuse } from "@carapace/protocol/failures";
import { systemCode } from "./system-code.ts";

/** Why a file cannot be used, and what its owner can do about it. */
const advices = {
  link: "put what it leads to in its place, or remove it",
  kind: "remove it",
  owner: "run as that user, or take it over with chown",
  names: "copy it, and move the copy into its place",
  mode: "renew what it holds if others use this machine",
  size: "put the right file back",
  exists: "move it away first",
  held: "try again when that is done",
  full: "free some space and try again",
  system: "check its permissions and its disk",
  unsynced: "check the disk",
} as const;

/**
 * Why a file cannot be used: a symbolic `link`, another `kind` than asked for, another `owner`, more than one of
 * `names`, a `mode` that lets others in, its `size`; it `exists`, its lock is `held`, the disk or what this process may
 * write is `full`, the `system` said no; or it is written whole, but `unsynced`: the name may be lost if the power fails.
 */
export type FileProblem = keyof typeof advices;

/** A file, folder or lock that cannot be used. Its `say` names the path and what to do. */
export interface FileRefusal extends Refusal {
  readonly problem: FileProblem;
  /** The predicate alone, for a caller with a better sentence: `is a symbolic link`. */
  readonly why: string;
  /** What to do, alone: `remove it`. */
  readonly advice: string;
  /** The system's code, for `full`, `system` and `unsynced`. */
  readonly system?: string;
}

/** What came of it, or why not. Everything the disk can do is a refusal; only a mistake of the caller throws. */
export type FileResult<T> = { readonly ok: true; readonly value: T } | FileRefusal;

export function refuseFile(path: string, problem: FileProblem, why: string): FileRefusal {
  const command = problem === "mode" ? `run chmod 600 ${quoted(path)}, and ` : "";
  const advice = `${command}${advices[problem]}`;
  return { ...refuse("unavailable", `${path} ${why}: ${advice}.`), problem, why, advice };
}

const fullCodes = new Set(["ENOSPC", "EDQUOT"]);

/** What the system said about a path that was to be `done`: `read`, `written`, `made`. @throws what is no system error */
export function refuseSystem(path: string, error: unknown, done: string): FileRefusal {
  const system = systemCode(error);
  if (system === undefined) throw error;
  if (fullCodes.has(system)) {
    return { ...refuseFile(path, "full", `cannot be ${done}: its disk is full`), system };
  }
  if (system === "EFBIG") {
    const why = `cannot be ${done}: it would be larger than this process may write (ulimit -f)`;
    const advice = "raise that limit and try again";
    return { ...refuse("unavailable", `${path} ${why}: ${advice}.`), problem: "full", why, advice, system };
  }
  if (system === "ENOENT" && (done === "written" || done === "made")) {
    const why = `cannot be ${done}, for its folder is not there (ENOENT)`;
    const advice = "make that folder, or name another";
    return { ...refuse("unavailable", `${path} ${why}: ${advice}.`), problem: "system", why, advice, system };
  }
  if (system === "ELOOP") return refuseFile(path, "link", "is a symbolic link");
  return { ...refuseFile(path, "system", `cannot be ${done} (${system})`), system };
}

/** The file is there and whole, but its folder could not be made durable. */
export function refuseUnsynced(path: string, error: unknown): FileRefusal {
  const system = systemCode(error);
  if (system === undefined) throw error;
  const why = `is written, but may be lost if the power fails (${system})`;
  return { ...refuseFile(path, "unsynced", why), system };
}

/** As a POSIX shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
