import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { createEditor, type Editor, type EditorScreen } from "./editor.ts";
import { type ChatInput, createLineInput } from "./input.ts";
import { createProgress, noProgress, type Progress } from "./progress.ts";

/** What the process's own streams are: found out once, here. */
export interface ChatTerminal {
  /** Lines are edited on a terminal, a person reads along. */
  readonly isInteractive: boolean;
  readonly input: ChatInput | Editor;
  readonly progress: Progress;
}

/** @param term the variable `TERM`; a dumb terminal gets neither line editing nor progress */
export function openTerminal(term: string | undefined, nowMs: () => number): ChatTerminal {
  const canDraw = isatty(2) && term !== "dumb";
  const progress = canDraw ? createProgress(writeScreen, nowMs) : noProgress;
  if (!canDraw || !isatty(0)) {
    return { isInteractive: false, input: createLineInput(Bun.stdin.stream()), progress };
  }
  return { isInteractive: true, input: createEditor(process.stdin, ownScreen()), progress };
}

function ownScreen(): EditorScreen {
  return {
    write: writeScreen,
    columns: () => process.stderr.columns,
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
