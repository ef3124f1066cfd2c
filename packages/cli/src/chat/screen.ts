import { createPieceCleaner } from "../output/clean.ts";
import type { Output } from "../output/output.ts";
import type { Progress } from "./progress.ts";

/** Puts a reply on stdout and everything else on stderr, so that neither runs into the other's line. */
export interface Screen {
  /** A piece of the reply. */
  text(piece: string): void;
  notice(line: string): void;
  /** The turn is over: ends the reply's last line. */
  endReply(): void;
}

/** @param progress shown while nothing comes, taken away before anything is written */
export function createScreen(out: Output, progress: Progress): Screen {
  let isMidLine = false;
  let cleanPiece = createPieceCleaner();
  const endLine = (): void => {
    if (isMidLine) out.piece("\n");
    isMidLine = false;
  };
  return {
    text(piece) {
      progress.pause();
      const text = cleanPiece(piece);
      if (text !== "") {
        out.piece(text);
        isMidLine = !text.endsWith("\n");
      }
      if (!isMidLine) progress.resume();
    },
    notice(line) {
      progress.pause();
      endLine();
      out.note(line);
      progress.resume();
    },
    endReply() {
      progress.pause();
      endLine();
      cleanPiece = createPieceCleaner();
    },
  };
}
