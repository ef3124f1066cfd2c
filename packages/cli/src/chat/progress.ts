/** A sign of life on a terminal while nothing has come for a while. */
export interface Progress {
  /** Takes it away, until `resume`. */
  pause(): void;
  /** Starts waiting: it appears after a second without another call. */
  resume(): void;
}

const appearsAfterMs = 1000;
const frameMs = 120;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Shows nothing: for pipes and files. */
export const noProgress: Progress = { pause: () => {}, resume: () => {} };

/**
 * A turning sign with the seconds waited, on the line the cursor is at the start of.
 * @param write puts text on the terminal
 */
export function createProgress(write: (text: string) => void, nowMs: () => number): Progress {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sinceMs = 0;
  let shown = 0;
  const draw = (): void => {
    const seconds = Math.floor((nowMs() - sinceMs) / 1000);
    write(`\r${frames[shown % frames.length]} ${seconds} s (Ctrl-C stops)\x1b[K`);
    shown += 1;
    timer = setTimeout(draw, frameMs);
  };
  const pause = (): void => {
    clearTimeout(timer);
    if (shown > 0) write("\r\x1b[K");
    shown = 0;
  };
  return {
    pause,
    resume() {
      pause();
      sinceMs = nowMs();
      timer = setTimeout(draw, appearsAfterMs);
    },
  };
}
