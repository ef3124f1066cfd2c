import { refuseSystem, systemCode } from "@carapace/files";
import { fileError } from "../directory.ts";
import { StateError } from "../errors.ts";

/** The system's error as one of ours, naming what could not be written; anything else is passed on as it is. */
export function explained(path: string, error: unknown): unknown {
  if (error instanceof StateError || systemCode(error) === undefined) return error;
  return fileError(refuseSystem(path, error, "written"));
}
