import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { createProgress, noProgress } from "../chat/progress.ts";
import type { CliWorld } from "../world.ts";
import type { Printer } from "./print.ts";

/** A turning sign on a terminal's stderr while a check takes longer than a second. */
export interface SignOfLife extends Disposable {
  /** The world whose notes take the sign away first. */
  readonly world: CliWorld;
  /** The printer whose lines do. */
  around(printer: Printer): Printer;
}

export function openSign(world: CliWorld): SignOfLife {
  const canDraw = isatty(2) && world.env["TERM"] !== "dumb";
  const progress = canDraw ? createProgress(writeScreen, world.nowMs) : noProgress;
  const beside = (tell: () => void): void => {
    progress.pause();
    tell();
    progress.resume();
  };
  return {
    world: { ...world, out: { ...world.out, note: (text) => beside(() => world.out.note(text)) } },
    around: (printer) => ({
      begin: (run) => beside(() => printer.begin(run)),
      check: (check) => beside(() => printer.check(check)),
      end(report) {
        progress.pause();
        printer.end(report);
      },
    }),
    [Symbol.dispose]: () => progress.pause(),
  };
}

function writeScreen(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // The terminal is gone: the hang-up signal follows and ends the run.
  }
}
