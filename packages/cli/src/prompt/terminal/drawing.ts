import { Writable } from "node:stream";

/** How a terminal may be drawn on. */
export interface DrawingStyle {
  readonly hasColor: boolean;
  /** False: only ASCII signs. */
  readonly isUnicode: boolean;
}

export interface DrawingAsk {
  readonly style: DrawingStyle;
  readonly write: (text: string) => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** Same width as what they stand for, so that lines keep their length. */
const ascii: Readonly<Record<string, string>> = {
  "◆": "*",
  "◇": "o",
  "■": "x",
  "▲": "!",
  "│": "|",
  "┌": "+",
  "└": "+",
  "├": "+",
  "┐": "+",
  "┘": "+",
  "╭": "+",
  "╮": "+",
  "╰": "+",
  "╯": "+",
  "─": "-",
  "●": ">",
  "○": " ",
  "◻": " ",
  "◼": "+",
  "▪": "*",
  "•": "*",
  "█": "_",
  "—": "-",
  "◒": "-",
  "◐": "\\",
  "◓": "|",
  "◑": "/",
};

const signs = new RegExp(`[${Object.keys(ascii).join("")}]`, "g");
const colors = /\x1b\[([0-9;]*)m/g;

/** Pure. A drawn text in the style of a terminal. Reverse video is no colour: it is where the cursor is. */
export function styled(text: string, { hasColor, isUnicode }: DrawingStyle): string {
  const plain = hasColor
    ? text
    : text.replace(colors, (all, codes) => (codes === "7" || codes === "27" ? all : ""));
  return isUnicode ? plain : plain.replace(signs, (sign) => ascii[sign] ?? sign);
}

/**
 * Pure. NO_COLOR and what the locale can show (https://no-color.org; POSIX: `LC_ALL`, `LC_CTYPE`, `LANG`, the first that
 * is set). Windows and macOS always show Unicode.
 */
export function drawingStyle(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): DrawingStyle {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const isUnicode = platform === "win32" || platform === "darwin" || /utf-?8/i.test(locale);
  return { hasColor: (env["NO_COLOR"] ?? "") === "", isUnicode };
}

/** The terminal as a prompt library draws on it, in the terminal's style; it says `resize` when told so. */
export class Drawing extends Writable {
  readonly isTTY = true;
  readonly #ask: DrawingAsk;

  constructor(ask: DrawingAsk) {
    super({ decodeStrings: false });
    this.#ask = ask;
  }

  get columns(): number {
    return this.#ask.size().columns;
  }

  get rows(): number {
    return this.#ask.size().rows;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.#ask.write(styled(String(chunk), this.#ask.style));
    done();
  }
}
