import { stripUnsafe } from "@carapace/config/redaction";

/** What a person does at a terminal in raw mode. */
export type Key =
  /** Printable, harmless, on one line; several letters if they came at once. */
  | { readonly kind: "text"; readonly text: string }
  /** More than a line of a form can be; nothing of it is kept. */
  | { readonly kind: "flood"; readonly length: number }
  | { readonly kind: "edit"; readonly name: EditKey; readonly isControl: boolean }
  | { readonly kind: "enter" | "escape" | "interrupt" | "end" };

/** Keys that move or erase; the letters are those of Ctrl-A and so on. */
type EditKey =
  | "up"
  | "down"
  | "left"
  | "right"
  | "home"
  | "end"
  | "delete"
  | "backspace"
  | "a"
  | "e"
  | "u"
  | "w"
  | "k";

/** Longest text taken at once, in UTF-16 units: longer than any key or address there is. */
export const maxTyped = 8192;

const controls: Readonly<Record<string, Key>> = {
  "\r": { kind: "enter" },
  "\n": { kind: "enter" },
  "\x03": { kind: "interrupt" },
  "\x04": { kind: "end" },
  "\x7f": { kind: "edit", name: "backspace", isControl: false },
  "\b": { kind: "edit", name: "backspace", isControl: false },
  "\x01": { kind: "edit", name: "a", isControl: true },
  "\x05": { kind: "edit", name: "e", isControl: true },
  "\x0b": { kind: "edit", name: "k", isControl: true },
  "\x15": { kind: "edit", name: "u", isControl: true },
  "\x17": { kind: "edit", name: "w", isControl: true },
};

/** What follows the introducer of a key's escape sequence. */
const sequences: Readonly<Record<string, EditKey>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  "1~": "home",
  "7~": "home",
  "4~": "end",
  "8~": "end",
  "3~": "delete",
};

const paste = { start: "\x1b[200~", end: "\x1b[201~" } as const;
/** A whole sequence; one that is not whole yet; a key with Alt. */
const sequence = /^\x1b(?:\[|O)([0-9;<=>?]*[\x40-\x7e])/;
const unfinished = /^\x1b(?:(?:\[|O)[0-9;<=>?]*)?$/;
const printable = /^[^\x00-\x1f\x7f]+/;

/** Turns what a terminal sends into keys. */
export interface KeyReader {
  take(piece: string): Key[];
  /** True if the text so far ends in what may be the beginning of a sequence, or the Esc key. */
  isWaiting(): boolean;
  /** Nothing more came: what waits was the Esc key. */
  settle(): Key[];
}

/** Pasted text becomes one line without control characters; keys that mean nothing here are dropped. */
export function createKeyReader(): KeyReader {
  let held = "";
  let pasted: Pasted | undefined;
  const next = (): Key | "more" | undefined => {
    if (pasted !== undefined) {
      const rest = pasted.take(held);
      held = rest.held;
      if (!rest.isDone) return "more";
      const key = pasted.key();
      pasted = undefined;
      return key;
    }
    if (held.startsWith(paste.start)) {
      held = held.slice(paste.start.length);
      pasted = createPasted();
      return undefined;
    }
    if (unfinished.test(held)) return "more";
    const [key, length] = firstKey(held);
    held = held.slice(length);
    return key;
  };
  return {
    take(piece) {
      // A paste whose end never came must not hold the keyboard.
      if (piece === "\x03") {
        pasted = undefined;
        held = "";
      }
      held += piece;
      const keys: Key[] = [];
      while (held !== "") {
        const key = next();
        if (key === "more") break;
        if (key !== undefined) keys.push(key);
      }
      return keys;
    },
    isWaiting: () => pasted === undefined && held !== "",
    settle() {
      const isEscape = held === "\x1b";
      held = "";
      return isEscape ? [{ kind: "escape" }] : [];
    },
  };
}

/** Pure. The first key of a text that is not empty, and how much of the text it is. */
function firstKey(text: string): readonly [Key | undefined, number] {
  const run = printable.exec(text)?.[0];
  if (run !== undefined) return [typed(run), run.length];
  if (text.startsWith("\r\n")) return [{ kind: "enter" }, 2];
  if (text.startsWith("\x1b\x1b")) return [{ kind: "escape" }, 1];
  const whole = sequence.exec(text);
  if (whole !== null) {
    const name = sequences[whole[1] ?? ""];
    return [name && { kind: "edit", name, isControl: false }, whole[0].length];
  }
  // A key with Alt: both go.
  if (text.startsWith("\x1b")) return [undefined, 2];
  return [controls[text[0] ?? ""], 1];
}

function typed(raw: string): Key | undefined {
  if (raw.length > maxTyped) return { kind: "flood", length: raw.length };
  const text = stripUnsafe(raw);
  return text === "" ? undefined : { kind: "text", text };
}

interface Pasted {
  /** @returns what is left of the text, and whether the paste is at its end */
  take(text: string): { readonly held: string; readonly isDone: boolean };
  key(): Key | undefined;
}

function createPasted(): Pasted {
  let text = "";
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    if (length <= maxTyped) text += part;
  };
  return {
    take(more) {
      const end = more.indexOf(paste.end);
      if (end >= 0) {
        add(more.slice(0, end));
        return { held: more.slice(end + paste.end.length), isDone: true };
      }
      // The mark of the end may come in two pieces.
      const cut = Math.max(0, more.length - paste.end.length + 1);
      add(more.slice(0, cut));
      return { held: more.slice(cut), isDone: false };
    },
    key() {
      if (length > maxTyped) return { kind: "flood", length };
      return typed(text.trim().replace(/[\x00-\x1f\x7f]+/g, " "));
    },
  };
}
