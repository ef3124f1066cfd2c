import { closeSync, constants, fchmodSync, fstatSync, openSync, type Stats } from "node:fs";
import { type FileRefusal, type FileResult, refuseFile, refuseSystem } from "../refusal.ts";
import { systemCode } from "../system-code.ts";
import { dropDraftsOf } from "../writing/draft.ts";
import { judge, type ModeRule, ownUid } from "./facts.ts";

/** A file that passed the checks; its descriptor is closed at the end of the scope unless `keep` was called. */
export interface OpenFile extends Disposable {
  readonly fd: number;
  /** From now on the caller closes the descriptor. */
  keep(): number;
}

// Not following links, and not waiting if somebody put a pipe there. Windows knows neither flag.
const careful = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Opens a file for reading; the checks are on what was opened, not on its name. @returns undefined if there is none */
export function openPrivate(path: string, rule: ModeRule): FileResult<OpenFile | undefined> {
  const opened = open(path, constants.O_RDONLY, rule);
  return !opened.ok && opened.system === "ENOENT" ? { ok: true, value: undefined } : opened;
}

/** Opens a file for writing, made 0600 if it is missing; its content stays. */
export function openOrMake(path: string): FileResult<OpenFile> {
  return open(path, constants.O_RDWR | constants.O_CREAT, "tighten");
}

function open(path: string, flags: number, rule: ModeRule): FileResult<OpenFile> {
  let fd: number;
  try {
    fd = openSync(path, flags | careful, 0o600);
  } catch (error) {
    const isOther = systemCode(error) === "EISDIR" || systemCode(error) === "ENXIO";
    return isOther ? refuseFile(path, "kind", "is not a regular file") : refuseSystem(path, error, "opened");
  }
  using file = openFile(fd);
  try {
    const refusal = check(path, fd, rule);
    return refusal ?? { ok: true, value: openFile(file.keep()) };
  } catch (error) {
    return refuseSystem(path, error, "opened");
  }
}

function openFile(fd: number): OpenFile {
  let isOurs = true;
  return {
    fd,
    keep: () => {
      isOurs = false;
      return fd;
    },
    [Symbol.dispose]: () => {
      if (isOurs) closeSync(fd);
      isOurs = false;
    },
  };
}

function check(path: string, fd: number, rule: ModeRule): FileRefusal | undefined {
  const facts = settled(path, fd);
  const finding = judge(facts, rule, ownUid());
  if (finding !== undefined) return refuseFile(path, finding.problem, finding.why);
  if (rule === "tighten" && (facts.mode & 0o777) !== 0o600) fchmodSync(fd, 0o600);
  return undefined;
}

// Between two steps of `createPrivate`, also if it died there, a file has its draft's name besides its own.
function settled(path: string, fd: number): Stats {
  const facts = fstatSync(fd);
  if (!facts.isFile() || facts.nlink !== 2) return facts;
  dropDraftsOf(path, facts);
  return fstatSync(fd);
}
