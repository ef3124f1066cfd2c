import { widthOf } from "../output/output.ts";
import type { CliWorld } from "../world.ts";
import type { Asker } from "./asker.ts";
import { Drawing, drawingStyle } from "./terminal/drawing.ts";
import { openKeyFeed } from "./terminal/key-feed.ts";

/** Rows of a terminal that does not say. */
const usualRows = 24;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Takes the terminal over for questions, until it is disposed of; signals end them as Ctrl-C does. Drawn lists and
 * lines, or plain ones if the terminal cannot draw (`TERM=dumb`).
 * @returns undefined if there is nobody to ask: stdin or stdout is no terminal
 */
export async function openAsker(world: CliWorld): Promise<Asker | undefined> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  const isDumb = world.env["TERM"] === "dumb";
  const feed = openKeyFeed({ keys: stdin, mark: isDumb ? undefined : world.out.piece });
  const interrupt = (): void => feed.leave("interrupt");
  for (const name of signals) process.on(name, interrupt);
  const asker = isDumb ? await plain() : await rich(stdout);
  return {
    ...asker,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, interrupt);
      asker[Symbol.dispose]();
    },
  };

  async function plain(): Promise<Asker> {
    const { createPlainAsker } = await import("./plain-asker.ts");
    return createPlainAsker({ feed, write: world.out.piece });
  }

  async function rich(screen: typeof stdout): Promise<Asker> {
    const { createRichAsker } = await import("./rich-asker.ts");
    const drawing = new Drawing({
      style: drawingStyle(world.env, process.platform),
      write: world.out.piece,
      size: () => ({ columns: widthOf(screen.columns), rows: screen.rows || usualRows }),
    });
    const resize = (): void => void drawing.emit("resize");
    screen.on("resize", resize);
    const asker = createRichAsker({ feed, drawing });
    return {
      ...asker,
      [Symbol.dispose]: () => {
        screen.off("resize", resize);
        asker[Symbol.dispose]();
      },
    };
  }
}
