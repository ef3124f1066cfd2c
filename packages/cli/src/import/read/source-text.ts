import { lstatSync, realpathSync } from "node:fs";
import { readPrivate } from "@carapace/files/read";
import { systemCode } from "@carapace/files/system-code";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

/** Largest file that is read, in bytes: a configuration that a person keeps has some kilobytes. */
export const maxSourceBytes = 1024 * 1024;

/** What was read, without its byte order mark. */
export interface SourceText {
  readonly text: string;
  /** Where a symbolic link led. */
  readonly target?: string;
}

/** Whether something other than a folder has this name: also a link that leads nowhere, and what cannot be looked at. */
export function isThere(path: string): boolean {
  try {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    return facts !== undefined && !facts.isDirectory();
  } catch (error) {
    return systemCode(error) === "EACCES";
  }
}

/**
 * Reads a file of another program: regular, of this user or the administrator, UTF-8, at most 1 MiB, without waiting
 * for a pipe.
 * @param mayBeLink Whether a symbolic link is followed, as keepers of dotfiles make them. What it leads to is held to
 * the same rules. In a folder that somebody else may have made, none is: it could lead to any file of the user.
 */
export function readSourceText(path: string, mayBeLink: boolean): Result<SourceText> {
  const target = mayBeLink ? linkTarget(path) : undefined;
  const read = readPrivate(target ?? path, { maxBytes: maxSourceBytes, mode: "any" });
  if (!read.ok) return refuse("unavailable", `${path} ${read.why}`);
  if (read.value === undefined) return refuse("not_found", `${path} leads nowhere`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(read.value);
    return ok({ text, ...(target !== undefined && { target }) });
  } catch {
    return refuse("invalid_request", `${path} is not UTF-8`);
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : undefined;
  } catch (error) {
    // What is wrong with it is told by whoever reads it.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
