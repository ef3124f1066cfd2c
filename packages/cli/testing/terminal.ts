import { launcher } from "./cara.ts";

/** A real pseudo-terminal with `./cara` in it. */
export interface Screen extends AsyncDisposable {
  type(keys: string): void;
  resize(columns: number): void;
  /** Waits until what came since the last call of this holds `text`. @returns that part, up to and with the text */
  until(text: string): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number>;
  /** Everything that came, for a failure's message. */
  all(): string;
}

const patienceMs = 10_000;

export interface ScreenOptions {
  readonly columns?: number;
  /** What runs with the words; `./cara` unless told. */
  readonly command?: readonly string[];
}

/** @param env the whole environment of the process */
export function openScreen(
  words: readonly string[],
  env: Record<string, string>,
  { columns = 100, command = [launcher] }: ScreenOptions = {},
): Screen {
  const decoder = new TextDecoder();
  let seen = "";
  let read = 0;
  let onMore = (): void => {};
  const child = Bun.spawn([...command, ...words], {
    env: { TERM: "xterm-256color", ...env },
    terminal: {
      cols: columns,
      rows: 30,
      data(_terminal, bytes) {
        seen += decoder.decode(bytes, { stream: true });
        onMore();
      },
    },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new Error("there is no terminal");
  return {
    type: (keys) => void terminal.write(keys),
    resize: (columns) => terminal.resize(columns, 30),
    until: (text) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`never saw ${JSON.stringify(text)} in ${JSON.stringify(seen.slice(read))}`)),
          patienceMs,
        );
        onMore = () => {
          const at = seen.indexOf(text, read);
          if (at < 0) return;
          clearTimeout(late);
          const part = seen.slice(read, at + text.length);
          read = at + text.length;
          onMore = () => {};
          resolve(part);
        };
        onMore();
      }),
    kill: (signal) => child.kill(signal),
    exited: child.exited,
    all: () => seen,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await child.exited;
      terminal.close();
    },
  };
}
