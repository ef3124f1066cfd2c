/** Asks a terminal to mark pasted text, and to stop doing so. */
export const pasteMarks = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const;

/** Stands for a line break inside a pasted message while it is being edited. */
const breakSign = "␤";

const start = "\x1b[200~";
const end = "\x1b[201~";

/**
 * Keeps a pasted text of several lines together: inside the terminal's paste marks line breaks become `␤`, so that
 * they do not send the message, and other control characters are dropped, so that they steer nothing.
 * @returns a function for the typed characters, piece by piece; a mark cut in two is put together again
 */
export function createPasteFilter(): (piece: string) => string {
  let isPasting = false;
  let held = "";
  return (piece) => {
    let rest = held + piece;
    held = "";
    let typed = "";
    while (rest !== "") {
      const mark = isPasting ? end : start;
      const at = rest.indexOf(mark);
      const until = at >= 0 ? at : rest.length - cutLength(rest, isPasting);
      const part = rest.slice(0, until);
      typed += isPasting ? harmless(part) : part;
      if (at < 0) {
        held = rest.slice(until);
        break;
      }
      isPasting = !isPasting;
      rest = rest.slice(at + mark.length);
    }
    return typed;
  };
}

/** A line as it was meant: `␤` becomes a line break again. */
export function restoreBreaks(line: string): string {
  return line.replaceAll(breakSign, "\n");
}

/** A message as the line editor can hold it. */
export function hideBreaks(message: string): string {
  return message.replace(/\r\n?|\n/g, breakSign);
}

function harmless(pasted: string): string {
  return hideBreaks(pasted)
    .replace(/\t/g, "  ")
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
}

/**
 * How much of the text's end must wait for what follows: the beginning of a mark, or the first half of a CR LF in a
 * paste. Among keys a lone escape is a key, not half a mark.
 */
function cutLength(text: string, isPasting: boolean): number {
  const mark = isPasting ? end : start;
  const shortest = isPasting ? 1 : 2;
  for (let length = mark.length - 1; length >= shortest; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return isPasting && text.endsWith("\r") ? 1 : 0;
}
