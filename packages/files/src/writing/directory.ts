import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { foreign, ownUid } from "../reading/facts.ts";
import { type FileRefusal, type FileResult, refuseFile, refuseSystem } from "../refusal.ts";

const careful = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Makes a folder and those above it, 0700, if they are missing; one that is there is left as it is. */
export function ensureFolder(path: string): FileResult<undefined> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { ok: true, value: undefined };
  } catch (error) {
    return refuseSystem(path, error, "made");
  }
}

/**
 * Makes a folder and those above it, 0700, or checks the one there: not a symbolic link, of this user; a wider mode is
 * set to 0700. Only for folders of this program's own.
 */
export function privateDirectory(path: string): FileResult<undefined> {
  // With a slash at its end a link would be followed.
  const folder = resolve(path);
  const made = ensureFolder(folder);
  // Something else has the name: the checks say what.
  if (!made.ok && made.system !== "EEXIST") return made;
  try {
    const fd = openSync(folder, careful);
    try {
      return check(folder, fd) ?? { ok: true, value: undefined };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return refuseSystem(folder, error, "opened");
  }
}

function check(folder: string, fd: number): FileRefusal | undefined {
  const facts = fstatSync(fd);
  if (!facts.isDirectory()) return refuseFile(folder, "kind", "is not a directory");
  const self = ownUid();
  if (self === undefined) return undefined;
  if (facts.uid !== self) {
    const { problem, why } = foreign(facts.uid);
    return refuseFile(folder, problem, why);
  }
  if ((facts.mode & 0o777) !== 0o700) fchmodSync(fd, 0o700);
  return undefined;
}
