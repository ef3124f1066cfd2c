import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { systemCode } from "@carapace/files/system-code";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

/** A file of the owner's that is being written. */
export interface ExportFile extends Disposable {
  write(line: string): void;
  /** It is whole and durable; without this it is removed again. */
  keep(): void;
}

const bufferedChars = 262_144;

/** Makes a file that was not there, 0600; whatever has the name already, a link too, is refused. */
export function openExportFile(path: string): Result<ExportFile> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
  let file: number;
  try {
    file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const say =
      code === "EEXIST"
        ? `${path} is there already: choose another name`
        : `${path} cannot be written (${code})`;
    return refuse("conflict", say);
  }
  return ok(writing(path, file));
}

function writing(path: string, file: number): ExportFile {
  let held = "";
  let isKept = false;
  const flush = () => {
    const bytes = Buffer.from(held);
    held = "";
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  };
  return {
    write(line) {
      held += `${line}\n`;
      if (held.length > bufferedChars) flush();
    },
    keep() {
      flush();
      fsyncSync(file);
      isKept = true;
    },
    [Symbol.dispose]() {
      closeSync(file);
      if (!isKept) unlinkSync(path);
    },
  };
}
