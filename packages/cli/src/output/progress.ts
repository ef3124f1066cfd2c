import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/** How far a long work is, on a terminal. */
export interface ProgressBar extends Disposable {
  /** @param share from 0 to 1; undefined where nobody can tell */
  show(say: string, share?: number): void;
}

const everyMs = 100;
const width = 24;

/** A bar on stderr that takes itself away; nothing where stderr is no terminal that can draw. */
export function progressBar(term: string | undefined, nowMs: () => number): ProgressBar {
  if (!isatty(2) || term === "dumb") return { show: () => {}, [Symbol.dispose]: () => {} };
  let lastMs = 0;
  let isShown = false;
  return {
    show(say, share) {
      const at = nowMs();
      if (at - lastMs < everyMs && share !== undefined && share < 1) return;
      lastMs = at;
      isShown = true;
      writeSync(2, `\r${say} ${share === undefined ? "…" : drawn(share)}\x1b[K`);
    },
    [Symbol.dispose]() {
      if (isShown) writeSync(2, "\r\x1b[K");
      isShown = false;
    },
  };
}

/** Pure. `[######              ]  25 %` */
function drawn(share: number): string {
  const sound = Math.min(1, Math.max(0, share));
  const filled = Math.round(sound * width);
  return `[${"#".repeat(filled)}${" ".repeat(width - filled)}] ${String(Math.floor(sound * 100)).padStart(3)} %`;
}
