import { createInterface, type Interface } from "node:readline";
import { PassThrough, Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import type { ChatInput } from "./input.ts";
import { createPasteFilter, hideBreaks, pasteMarks, restoreBreaks } from "./paste.ts";

const prompt = "> ";
const historySize = 500;

/** The terminal as the editor draws on it. */
export interface EditorScreen {
  write(text: string): void;
  columns(): number;
  /** @returns a function that stops listening */
  onResize(act: () => void): () => void;
}

/** A {@link ChatInput} of a person at a terminal, who may also want earlier messages back. */
export interface Editor extends ChatInput {
  /** Earlier messages for the Up key, the newest first. */
  recall(messages: readonly string[]): void;
}

/**
 * Line editing on a terminal. The prompt goes to `screen`, so that stdout holds replies only. What is typed while a
 * reply is being written is not echoed into it, and stands at the next prompt.
 */
export function createEditor(keys: ReadStream, screen: EditorScreen): Editor {
  const echo = createEcho(screen);
  const input = createKeyInput(keys);
  const reader = createInterface({
    input,
    output: echo.stream,
    terminal: true,
    prompt,
    historySize,
    removeHistoryDuplicates: true,
  });
  const entered = createQueue();
  let isReplying = false;
  let interrupt = (): void => {};

  reader.on("line", (line) => entered.push(restoreBreaks(line)));
  reader.on("close", () => entered.end());
  reader.on("SIGINT", () => (isReplying ? interrupt() : putAside()));
  const offResize = screen.onResize(() => void echo.stream.emit("resize"));
  screen.write(pasteMarks.on);
  echo.isMuted = true;

  function putAside(): void {
    const line = reader.line;
    echo.isMuted = true;
    reader.write(null, { ctrl: true, name: "e" });
    reader.write(null, { ctrl: true, name: "u" });
    echo.isMuted = false;
    if (line !== "") remember(reader, line);
    screen.write("^C\n");
    reader.prompt();
  }

  return {
    async next() {
      const early = entered.take();
      if (early !== undefined) {
        screen.write(`${prompt}${hideBreaks(early)}\n`);
        return early;
      }
      if (entered.hasEnded()) return undefined;
      echo.isMuted = false;
      redraw(reader);
      const line = await entered.wait();
      echo.isMuted = true;
      if (line === undefined) screen.write("\n");
      return line;
    },
    beginReply: () => {
      isReplying = true;
    },
    endReply: () => {
      isReplying = false;
    },
    onInterrupt: (act) => {
      interrupt = act;
    },
    recall: (messages) => {
      for (const message of [...messages].reverse()) remember(reader, hideBreaks(message));
    },
    [Symbol.dispose]: () => {
      screen.write(pasteMarks.off);
      offResize();
      reader.close();
      keys.pause();
    },
  };
}

/** Draws prompt and typed line from the cursor's row on: rows the line took while unseen are not there to go up. */
function redraw(reader: Interface): void {
  Object.assign(reader, { prevRows: 0 });
  reader.prompt(true);
}

/** Puts a line where the Up key finds it first. */
function remember(reader: Interface, line: string): void {
  if (!("history" in reader) || !Array.isArray(reader.history)) return;
  const at = reader.history.indexOf(line);
  if (at >= 0) reader.history.splice(at, 1);
  reader.history.unshift(line);
  reader.history.splice(historySize);
}

/** The terminal's keys with pasted text made safe. */
function createKeyInput(keys: ReadStream): PassThrough & { setRawMode(isRaw: boolean): void } {
  const filter = createPasteFilter();
  keys.setEncoding("utf8");
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void keys.setRawMode(isRaw),
  });
  keys.on("data", (piece) => void input.write(filter(String(piece))));
  keys.on("end", () => void input.end());
  return input;
}

/** What the line editor draws with: it can be muted, and knows the terminal's width. */
function createEcho(screen: EditorScreen): { stream: Writable; isMuted: boolean } {
  const echo = { isMuted: false, stream: new Writable() };
  echo.stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      if (!echo.isMuted) screen.write(String(chunk));
      done();
    },
  });
  Object.defineProperties(echo.stream, {
    isTTY: { value: true },
    columns: { get: () => screen.columns() },
  });
  return echo;
}

/** Lines that were entered and not yet asked for. */
function createQueue() {
  const lines: string[] = [];
  let hasEnded = false;
  let waiting: ((line: string | undefined) => void) | undefined;
  const settle = (line: string | undefined): boolean => {
    const answer = waiting;
    waiting = undefined;
    answer?.(line);
    return answer !== undefined;
  };
  return {
    push: (line: string): void => {
      if (!settle(line)) lines.push(line);
    },
    end: (): void => {
      hasEnded = true;
      settle(undefined);
    },
    take: (): string | undefined => lines.shift(),
    hasEnded: (): boolean => hasEnded,
    wait: (): Promise<string | undefined> =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
  };
}
