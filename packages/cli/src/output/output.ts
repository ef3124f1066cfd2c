import { writeSync } from "node:fs";
import { clean, cleanJson } from "./clean.ts";
import { prettyJson } from "./json.ts";

/**
 * Where a command's words go: results to stdout, everything else to stderr (cli.md §1). Text is made safe for a
 * terminal on its way. A reader that went away is no error: later results are dropped in silence.
 */
export interface Output {
  /** One or more lines of result. */
  result(text: string): void;
  /** A result as JSON: 2 spaces, sorted keys, final newline. */
  json(value: unknown): void;
  /** Result text without a newline of its own; the caller has cleaned it. */
  piece(text: string): void;
  /** A line that is not a result. */
  note(text: string): void;
  /** Says on stderr what was refused. @returns the exit code 1 */
  fail(say: string): 1;
  /** Called once when the reader of stdout is found to be gone. */
  whenBroken(act: () => void): void;
}

/** Writes to the process's own stdout and stderr. Synchronous, because loading their streams costs 7 ms. */
export function createOutput(descriptors: { readonly stdout: number; readonly stderr: number }): Output {
  let isBroken = false;
  let onBroken: (() => void) | undefined;
  const toStdout = (text: string): void => {
    if (isBroken || writeAll(descriptors.stdout, text)) return;
    isBroken = true;
    onBroken?.();
  };
  const note = (text: string): void => {
    writeAll(descriptors.stderr, `${clean(text)}\n`);
  };
  return {
    result: (text) => toStdout(`${clean(text)}\n`),
    json: (value) => toStdout(`${prettyJson(cleanJson(value))}\n`),
    piece: toStdout,
    note,
    fail(say) {
      note(`Error: ${say}`);
      return 1;
    },
    whenBroken(act) {
      onBroken = act;
      if (isBroken) act();
    },
  };
}

const nap = new Int32Array(new SharedArrayBuffer(4));

/** @returns false if the reader is gone; other faults of a terminal or pipe are thrown. */
function writeAll(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (fault) {
      const code = fault instanceof Error && "code" in fault ? fault.code : undefined;
      if (code === "EPIPE" || code === "EIO" || code === "EBADF") return false;
      if (code !== "EAGAIN") throw fault;
      // A full pipe that another program made non-blocking: its reader needs a moment.
      Atomics.wait(nap, 0, 0, 2);
    }
  }
  return true;
}
