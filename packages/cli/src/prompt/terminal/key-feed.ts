import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { createKeyReader, type Key } from "./keys.ts";

/** Why a question ended without an answer. */
type Leaving = "back" | "interrupt" | "end";

/** The keys of a terminal, one after the other, for whoever asks just now. */
export interface KeyFeed extends Disposable {
  /** What a prompt library reads: it gives `keypress` events only. */
  readonly stream: PassThrough & { readonly isTTY: true; setRawMode(isRaw: boolean): void };
  /**
   * From now on keys go to the question that listens on {@link stream}, those typed ahead first.
   * @param isLine its answer is a line of text: letters that came at once go on at once
   */
  open(ask: { readonly isLine: boolean; readonly onFlood?: (length: number) => void }): void;
  /** Why the question that was open last was left; undefined if it was answered. */
  left(): Leaving | undefined;
  /** Ends the question that is open, or the work that goes on, as that key would. */
  leave(why: Leaving): void;
  /** As the Enter key. */
  enter(): void;
  /** Called for Ctrl-C, the end of input, and Esc, while no question is open. @returns a function that ends this */
  whileIdle(act: (why: Leaving) => void): () => void;
}

/** A sequence of a key that comes in two pieces over a slow line is not the Esc key. */
const sequencePatienceMs = 50;
/** Keys typed ahead that are kept. */
const maxAhead = 1024;

const pasteMarks = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const;

export interface KeyFeedAsk {
  readonly keys: ReadStream;
  /** Writes to the terminal; undefined if it takes no escape sequences. */
  readonly mark: ((text: string) => void) | undefined;
}

/** Takes the terminal over: raw mode, pasted text marked, until it is disposed of. */
export function openKeyFeed({ keys, mark }: KeyFeedAsk): KeyFeed {
  const stream = Object.assign(new PassThrough(), { isTTY: true as const, setRawMode: () => {} });
  const reader = createKeyReader();
  const decoder = new TextDecoder();
  const ahead: Key[] = [];
  let asking: Parameters<KeyFeed["open"]>[0] = { isLine: false };
  let left: Leaving | undefined;
  let whenIdle: ((why: Leaving) => void) | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;

  const isOpen = (): boolean => stream.listenerCount("keypress") > 0;
  const leave = (why: Leaving): void => {
    left = why;
    press(undefined, "escape");
  };
  const press = (text: string | undefined, name?: string, ctrl = false): void => {
    stream.emit("keypress", text, { name, ctrl, meta: false, shift: false, sequence: text ?? name });
  };
  const deliver = (key: Key): void => {
    switch (key.kind) {
      case "text":
        for (const part of asking.isLine ? [key.text] : key.text)
          if (isOpen()) press(part, part.length === 1 ? letterName(part) : undefined);
        return;
      case "flood":
        asking.onFlood?.(key.length);
        return;
      case "edit":
        press(undefined, key.name, key.isControl);
        return;
      case "enter":
        press("\r", "return");
        return;
      case "escape":
        leave("back");
        return;
      case "interrupt":
      case "end":
        leave(key.kind);
        return;
    }
  };
  const pump = (): void => {
    while (isOpen()) {
      const key = ahead.shift();
      if (key === undefined) return;
      deliver(key);
    }
  };
  const arrive = (key: Key): void => {
    const isUrgent = key.kind === "interrupt" || key.kind === "end";
    if (isUrgent) ahead.splice(0);
    if (isOpen() || whenIdle === undefined) {
      if (ahead.length < maxAhead) ahead.push(key);
      return;
    }
    // An impatient Enter must not answer a question that nobody has seen: what is typed into work is dropped.
    if (isUrgent || key.kind === "escape") whenIdle(key.kind === "escape" ? "back" : key.kind);
  };
  const take = (chunk: Uint8Array): void => {
    clearTimeout(settling);
    for (const key of reader.take(decoder.decode(chunk, { stream: true }))) arrive(key);
    chunk.fill(0);
    pump();
    if (reader.isWaiting()) settling = setTimeout(settle, sequencePatienceMs);
  };
  const settle = (): void => {
    for (const key of reader.settle()) arrive(key);
    pump();
  };
  const end = (): void => {
    arrive({ kind: "end" });
    pump();
  };
  keys.setRawMode(true);
  keys.on("data", take).on("end", end).on("error", end);
  keys.resume();
  mark?.(pasteMarks.on);
  return {
    stream,
    open(ask) {
      asking = ask;
      left = undefined;
      pump();
    },
    left: () => left,
    leave(why) {
      arrive(leavingKeys[why]);
      pump();
    },
    enter: () => press("\r", "return"),
    whileIdle(act) {
      whenIdle = act;
      return () => {
        whenIdle = undefined;
      };
    },
    [Symbol.dispose]: () => {
      clearTimeout(settling);
      keys.off("data", take).off("end", end).off("error", end);
      mark?.(pasteMarks.off);
      keys.setRawMode(false);
      keys.pause();
      stream.destroy();
    },
  };
}

const leavingKeys = {
  back: { kind: "escape" },
  interrupt: { kind: "interrupt" },
  end: { kind: "end" },
} as const satisfies Readonly<Record<Leaving, Key>>;

/** As the library names keys: it acts on some letters in a list. */
function letterName(letter: string): string | undefined {
  if (letter === " ") return "space";
  return /^[a-z0-9]$/i.test(letter) ? letter.toLowerCase() : undefined;
}
