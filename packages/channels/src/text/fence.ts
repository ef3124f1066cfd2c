/** A code block that is open: the line that opened it, fit to open it again, and the one that closes it. */
export interface Fence {
  readonly opener: string;
  readonly closer: string;
}

/** Longer ones are not worth their room in every piece. */
const maxMarkerChars = 16;
const maxInfoChars = 32;

/** Pure. The code block that is open at the end of a text (CommonMark 0.31 §4.5), if one is. */
export function openFence(text: string): Fence | undefined {
  return [...fencesByLine(text).values()].at(-1);
}

/** Pure. For the end of each line, as an offset: the code block that is open there, if one is. */
export function fencesByLine(text: string): ReadonlyMap<number, Fence | undefined> {
  const fences = new Map<number, Fence | undefined>();
  let open: Fence | undefined;
  let end = -1;
  for (const line of text.split("\n")) {
    end += line.length + 1;
    open = open === undefined ? opened(line) : stillOpen(open, line);
    fences.set(end, open);
  }
  return fences;
}

function opened(line: string): Fence | undefined {
  const found = /^ {0,3}(?<marker>`{3,}|~{3,})(?<info>.*)$/.exec(line)?.groups;
  const { marker = "", info = "" } = found ?? {};
  if (marker === "" || marker.length > maxMarkerChars) return undefined;
  // Backticks behind backticks are code within a line.
  if (marker.startsWith("`") && info.includes("`")) return undefined;
  const kept = info.trim().length > maxInfoChars ? "" : info.trimEnd();
  return { opener: `${marker}${kept}`, closer: marker };
}

function stillOpen(fence: Fence, line: string): Fence | undefined {
  const mark = fence.closer.slice(0, 1);
  const found = /^ {0,3}(?<marker>`{3,}|~{3,})\s*$/.exec(line)?.groups?.["marker"] ?? "";
  return found.startsWith(mark) && found.length >= fence.closer.length ? undefined : fence;
}
