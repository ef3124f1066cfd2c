import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { createStrictRedactor, stripUnsafe } from "@carapace/config/redaction";
import { cleanJson } from "./clean.ts";
import { prettyJson } from "./json.ts";

/**
 * Where a command's words go: results to stdout, everything else to stderr (cli.md §1). Text is made safe for a
 * terminal on its way, and what goes to stderr loses its secrets: an error may quote what was typed, read or answered.
 * A reader that went away is no error: later results are dropped in silence.
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
  /** From now on these are secrets, whatever they look like, beside those of the environment. */
  hide(secrets: readonly string[]): void;
  /** A text as {@link note} would show it. */
  withoutSecrets(text: string): string;
  /** Called once when stdout is found to take nothing more. */
  whenBroken(act: () => void): void;
  /** How wide the terminal is that results go to; undefined if they go elsewhere. */
  columns(): number | undefined;
  /** True if results were lost for another reason than a reader that went away: stdout is closed, or its disk is full. */
  hasFailed(): boolean;
}

export interface OutputOptions {
  /** Descriptors. */
  readonly stdout: number;
  readonly stderr: number;
  /** What the process was given that must not be told; asked when something is told for the first time. */
  readonly secrets?: () => readonly string[];
}

/** Writes to the process's own stdout and stderr. Synchronous, because loading their streams costs 7 ms. */
export function createOutput({ secrets, ...descriptors }: OutputOptions): Output {
  let isBroken = false;
  let hasFailed = false;
  let onBroken: (() => void) | undefined;
  let hidden: readonly string[] = [];
  let clean: ((text: string) => string) | undefined;
  const withoutSecrets = (text: string): string => {
    clean ??= createStrictRedactor([...(secrets?.() ?? []), ...hidden]);
    return clean(text);
  };
  const note = (text: string): void => {
    writeAll(descriptors.stderr, `${withoutSecrets(text)}\n`);
  };
  const toStdout = (text: string): void => {
    if (isBroken) return;
    const fault = writeAll(descriptors.stdout, text);
    if (fault === undefined) return;
    isBroken = true;
    hasFailed = !readerGone.has(fault);
    if (hasFailed) note(`Error: standard output takes nothing more (${fault})`);
    onBroken?.();
  };
  return {
    result: (text) => toStdout(`${stripUnsafe(text)}\n`),
    json: (value) => toStdout(`${prettyJson(cleanJson(value))}\n`),
    piece: toStdout,
    note,
    fail(say) {
      note(`Error: ${say}`);
      return 1;
    },
    hide(more) {
      hidden = [...hidden, ...more];
      clean = undefined;
    },
    withoutSecrets,
    whenBroken(act) {
      onBroken = act;
      if (isBroken) act();
    },
    // Asked only for what needs it: the stream behind it takes its time to load.
    columns: () => (descriptors.stdout === 1 && isatty(1) ? widthOf(process.stdout.columns) : undefined),
    hasFailed: () => hasFailed,
  };
}

/** Pure. A terminal that nobody gave a size, such as one of a container or a script, says 0. */
export function widthOf(columns: number | undefined): number {
  return columns || 80;
}

const nap = new Int32Array(new SharedArrayBuffer(4));

/** The other end of a pipe or terminal was closed. */
const readerGone: ReadonlySet<string> = new Set(["EPIPE", "EIO"]);

/** @returns the system's code if it cannot be written */
function writeAll(descriptor: number, text: string): string | undefined {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (fault) {
      const code = fault instanceof Error && "code" in fault ? String(fault.code) : "unknown";
      if (code !== "EAGAIN") return code;
      // A full pipe that another program made non-blocking: its reader needs a moment.
      Atomics.wait(nap, 0, 0, 2);
    }
  }
  return undefined;
}
