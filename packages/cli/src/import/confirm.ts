import { writeSync } from "node:fs";

/** `closed`: the input ended before it said anything. */
export type Confirmation = "yes" | "no" | "closed";

/** Longest answer, in characters: what comes without a line's end is no answer. */
const maxAnswer = 1000;

/**
 * Asks on stderr and reads lines of standard input, of a terminal or not, until one is an answer; an empty one is a yes
 * (cli.md §3.11). An input that is at its end is no answer. @throws the signal's reason
 */
export async function confirmImport(question: string, signal: AbortSignal): Promise<Confirmation> {
  const lines = createLines();
  try {
    for (;;) {
      writeSync(2, `${question} [Y/n] `);
      const line = await lines.next(signal);
      if (!process.stdin.isTTY || signal.aborted) writeSync(2, "\n");
      signal.throwIfAborted();
      if (line === undefined) return "closed";
      if (/^(y(es)?)?$/i.test(line.trim())) return "yes";
      if (/^no?$/i.test(line.trim())) return "no";
    }
  } finally {
    lines.close();
  }
}

function createLines() {
  const { stdin } = process;
  let text = "";
  let isOver = false;
  let wake = (): void => {};
  const take = (chunk: Uint8Array): void => {
    text += Buffer.from(chunk).toString("utf8");
    if (text.length > maxAnswer) end();
    wake();
  };
  const end = (): void => {
    isOver = true;
    wake();
  };
  stdin.on("data", take).on("end", end).on("error", end).resume();
  return {
    /** @returns undefined at the end of the input, and when the signal comes */
    async next(signal: AbortSignal): Promise<string | undefined> {
      const abort = (): void => wake();
      signal.addEventListener("abort", abort);
      while (!text.includes("\n") && !isOver && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      signal.removeEventListener("abort", abort);
      const at = text.indexOf("\n");
      if (at < 0) return undefined;
      const line = text.slice(0, at);
      text = text.slice(at + 1);
      return line;
    },
    close: () => void stdin.off("data", take).off("end", end).off("error", end).pause(),
  };
}
