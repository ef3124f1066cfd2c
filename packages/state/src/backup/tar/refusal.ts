import { StateError } from "../../errors.ts";

/** An archive that is refused. @param why a predicate: `holds a link (x)` */
export function refusedArchive(why: string): StateError {
  return new StateError("bad_archive", `The archive ${why}: nothing was restored.`);
}
