const lineFeed = 10;

/**
 * The lines of a stream, decoded as UTF-8 once they are whole; a last one without an end counts.
 * @throws {RangeError} for a line longer than the limit.
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<string, void> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array) => {
    size += part.length;
    if (size > maxLineBytes) throw new RangeError("a line is too long");
    parts.push(part);
  };
  const line = () => {
    const text = Buffer.concat(parts).toString("utf8");
    parts = [];
    size = 0;
    return text;
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  if (size > 0) yield line();
}
