/** A part of a file of notes. */
export interface Section {
  /** Its heading; "" for what stands before the first one. */
  readonly title: string;
  /** With the heading. */
  readonly text: string;
}

/**
 * Pure. Cuts Markdown at its headings of the first and second level, those in blocks of code not counted, and what is
 * longer than `maxBytes` once more, at the end of a line if there is one. Sections without any text of their own are
 * left out.
 */
export function sectionsOf(markdown: string, maxBytes: number): readonly Section[] {
  const found: { title: string; lines: string[] }[] = [{ title: "", lines: [] }];
  let fence: string | undefined;
  for (const line of markdown.split(/\r\n|\r|\n/)) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence)))
      fence = fence === undefined ? mark : undefined;
    const title = fence === undefined ? /^#{1,2}\s+(.*?)\s*#*\s*$/.exec(line)?.[1] : undefined;
    if (title === undefined) found.at(-1)?.lines.push(line);
    else found.push({ title, lines: [line] });
  }
  return found.flatMap(({ title, lines }) => {
    const body = title === "" ? lines : lines.slice(1);
    if (body.every((line) => line.trim() === "")) return [];
    return pieces(lines.join("\n").trim(), maxBytes).map((text) => ({ title, text }));
  });
}

function pieces(text: string, maxBytes: number): readonly string[] {
  if (Buffer.byteLength(text) <= maxBytes) return [text];
  const done: string[] = [];
  let bytes = Buffer.from(text);
  while (bytes.length > maxBytes) {
    const lineEnd = bytes.lastIndexOf(10, maxBytes);
    const end = lineEnd > 0 ? lineEnd : characterEnd(bytes, maxBytes);
    done.push(bytes.subarray(0, end).toString());
    bytes = bytes.subarray(end);
  }
  return [...done, bytes.toString()].map((piece) => piece.trim()).filter((piece) => piece !== "");
}

/** The end of the last whole character before a place in UTF-8. */
function characterEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end === 0 ? at : end;
}
