import type { FileProblem, FileRefusal, FileResult } from "@carapace/files";
import { privateDirectory } from "@carapace/files/directory";
import { StateError, type StateFailureCode } from "./errors.ts";

const codes: Readonly<Record<FileProblem, StateFailureCode>> = {
  link: "unsafe_path",
  kind: "unsafe_path",
  names: "unsafe_path",
  mode: "unsafe_path",
  size: "unsafe_path",
  owner: "foreign_owner",
  exists: "already_exists",
  held: "locked",
  full: "disk_full",
  system: "io",
  unsynced: "io",
};

/**
 * Makes the state directory (0700) or checks and tightens the one there: not a symlink, owned by this user.
 * @throws StateError `unsafe_path`, `foreign_owner`, `io`, `disk_full`
 */
export function prepareDirectory(dir: string): void {
  accepted(privateDirectory(dir));
}

/** What came of a file. @throws StateError if it was refused */
export function accepted<T>(result: FileResult<T>): T {
  if (!result.ok) throw fileError(result);
  return result.value;
}

/** A refused file as one of our errors. */
export function fileError(refusal: FileRefusal): StateError {
  return new StateError(codes[refusal.problem], refusal.say);
}
