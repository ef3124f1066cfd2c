import type { Stats } from "node:fs";
import type { FileProblem } from "../refusal.ts";

/**
 * What becomes of a file that others may open: a secret is refused (it may be known by now), what is merely private is
 * set to 0600, and `any` is for what the owner may share: then the administrator's files are trusted too.
 */
export type ModeRule = "refuse" | "tighten" | "any";

export type Facts = Pick<Stats, "isFile" | "uid" | "nlink" | "mode">;

export interface Finding {
  readonly problem: FileProblem;
  readonly why: string;
}

/** Who runs this process; undefined where files have no owners and modes (Windows). */
export function ownUid(): number | undefined {
  return process.geteuid?.();
}

/** Pure. Whether an open file is one to trust: regular, of this user, under one name (state.md §2). */
export function judge(facts: Facts, rule: ModeRule, self: number | undefined): Finding | undefined {
  if (!facts.isFile()) return { problem: "kind", why: "is not a regular file" };
  if (self === undefined) return undefined;
  if (rule === "any" && facts.uid === 0) return undefined;
  if (facts.uid !== self) return foreign(facts.uid);
  if (facts.nlink > 1) return { problem: "names", why: "has a second name (a hard link)" };
  if (rule === "refuse" && (facts.mode & 0o077) !== 0) {
    return { problem: "mode", why: `can be opened by other users (mode ${octal(facts.mode)})` };
  }
  return undefined;
}

export function foreign(uid: number): Finding {
  return { problem: "owner", why: `belongs to another user (uid ${uid})` };
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}
