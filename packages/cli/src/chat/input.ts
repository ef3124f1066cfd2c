/** Where a chat's lines come from. */
export interface ChatInput extends Disposable {
  /** The next line; undefined when there are no more. */
  next(): Promise<string | undefined>;
  /** A reply is about to be written: nothing typed may be echoed into it. */
  beginReply(): void;
  endReply(): void;
  /** Called on Ctrl-C while a reply is being written. */
  onInterrupt(act: () => void): void;
}

const maxLineBytes = 1024 * 1024;

/**
 * Lines of a pipe, a file, or a terminal without line editing.
 * @param prompt asks a person for the next line; does nothing for pipes and files
 */
export function createLineInput(stream: ReadableStream<Uint8Array>, prompt = () => {}): ChatInput {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let pending = "";
  let hasEnded = false;
  return {
    async next() {
      prompt();
      for (;;) {
        const end = pending.indexOf("\n");
        if (end >= 0) {
          const line = pending.slice(0, end);
          pending = pending.slice(end + 1);
          return line.replace(/\r$/, "");
        }
        if (hasEnded) return takeRest();
        if (pending.length > maxLineBytes)
          throw new Error("a line of the input is longer than 1 MiB: it cannot be one message");
        const { done, value } = await reader.read();
        hasEnded = done;
        pending += done ? decoder.decode() : decoder.decode(value, { stream: true });
      }
    },
    beginReply: () => {},
    endReply: () => {},
    onInterrupt: () => {},
    [Symbol.dispose]: () => {
      reader.cancel().catch(() => {});
    },
  };

  function takeRest(): string | undefined {
    const rest = pending;
    pending = "";
    return rest === "" ? undefined : rest;
  }
}

/** For a chat of one message that was given. */
export const noInput: ChatInput = {
  next: async () => undefined,
  beginReply: () => {},
  endReply: () => {},
  onInterrupt: () => {},
  [Symbol.dispose]: () => {},
};
