import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { widthOf } from "../output/output.ts";
import { createEditor, type Editor, type EditorScreen } from "./editor.ts";
import { type ChatInput, createLineInput, noInput } from "./input.ts";
import { createProgress, noProgress, type Progress } from "./progress.ts";

/** What the process's own streams are: found out once, here. */
export interface ChatTerminal extends Disposable {
  readonly input: ChatInput;
  /** Set if a person edits lines at a terminal; it is the `input` then. */
  readonly editor: Editor | undefined;
  readonly progress: Progress;
}

export interface TerminalAsk {
  /** The variable `TERM`; a dumb terminal gets neither line editing nor progress. */
  readonly term: string | undefined;
  readonly nowMs: () => number;
  /** False if the message was given: stdin is left alone. */
  readonly readsLines: boolean;
}

export function openTerminal({ term, nowMs, readsLines }: TerminalAsk): ChatTerminal {
  const canDraw = isatty(2) && term !== "dumb";
  const progress = canDraw ? createProgress(writeScreen, nowMs) : noProgress;
  const editor = canDraw && readsLines && isatty(0) ? createEditor(process.stdin, ownScreen()) : undefined;
  const prompt = isatty(0) && isatty(2) ? () => writeScreen("> ") : undefined;
  const input = editor ?? (readsLines ? createLineInput(Bun.stdin.stream(), prompt) : noInput);
  return {
    input,
    editor,
    progress,
    [Symbol.dispose]: () => {
      progress.pause();
      input[Symbol.dispose]();
    },
  };
}

function ownScreen(): EditorScreen {
  return {
    write: writeScreen,
    columns: () => widthOf(process.stderr.columns),
    onResize(act) {
      process.stderr.on("resize", act);
      return () => void process.stderr.off("resize", act);
    },
  };
}

/** Synchronous like all other output, so that prompt and reply keep their order. */
function writeScreen(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // The terminal is gone: the hang-up signal follows and ends the chat.
  }
}
