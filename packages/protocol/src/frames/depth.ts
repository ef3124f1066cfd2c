/**
 * Whether the value written in a JSON text is nested deeper than allowed (websocket.md §8): the root has depth 1, every
 * value, scalars too, lies one below its container. Looks at the text, so that a deep one is never parsed, and stops
 * at the first value that is too deep. For text that is not JSON the answer means nothing.
 */
export function exceedsDepth(json: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === closeArray || code === closeObject) {
      depth -= 1;
    } else if (depth >= maxDepth && !isFiller(code)) {
      return true;
    } else if (code === quote) {
      at = endOfString(json, at);
    } else if (code === openArray || code === openObject) {
      depth += 1;
    }
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c] as const;
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/** Space between values, or what separates them. */
function isFiller(code: number): boolean {
  return code <= 0x20 || code === 0x2c || code === 0x3a;
}

/** The place of the closing quote, or the text's end. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
