/** One server-sent event, or a comment. */
export interface SentEvent {
  readonly event: string;
  readonly data: string;
}

/** What a stream of events says, piece by piece. */
export interface EventReader {
  /** The next one that fits; rejects if the stream ends before. */
  next(fits: (sent: SentEvent) => boolean): Promise<SentEvent>;
  /** All that is left, until the stream ends. */
  rest(): Promise<readonly SentEvent[]>;
  cancel(): Promise<void>;
}

export function readEvents(stream: ReadableStream<Uint8Array> | null): EventReader {
  if (stream === null) throw new Error("no stream");
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const one = async (): Promise<SentEvent | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return parsed(block);
      }
      const { value, done } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  };
  return {
    async next(fits) {
      for (let sent = await one(); sent !== undefined; sent = await one()) if (fits(sent)) return sent;
      throw new Error("the stream ended");
    },
    async rest() {
      const found: SentEvent[] = [];
      for (let sent = await one(); sent !== undefined; sent = await one()) found.push(sent);
      return found;
    },
    cancel: () => reader.cancel(),
  };
}

function parsed(block: string): SentEvent {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
  return block.startsWith(":")
    ? { event: "comment", data: block }
    : { event: field("event"), data: field("data") };
}
