import { lstatSync } from "node:fs";
import type { Place } from "./places.ts";

/** A file that holds a secret, with its mode; undefined if it is not there or cannot be looked at. */
export function filePlace(path: string): Place | undefined {
  try {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return undefined;
    const mode = (facts.mode & 0o7777).toString(8).padStart(4, "0");
    return { place: "file", at: path, how: facts.isFile() ? `mode ${mode}` : "not a regular file" };
  } catch {
    return undefined;
  }
}
