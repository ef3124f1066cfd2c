/** The lines of a file, without their newlines; of one that is too long only its beginning. Constant memory. */
export async function* linesOfFile(path: string, maxChars: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of Bun.file(path).stream()) {
    const parts = decoder.decode(chunk, { stream: true }).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      yield (held + part).slice(0, maxChars + 1);
      held = "";
    }
    held = (held + last).slice(0, maxChars + 1);
  }
  if (held !== "") yield held;
}
