import type { MessageView } from "@carapace/protocol";

/** Well below what may wait for one client (websocket.md §9), so that events beside it find room. */
const maxHistoryBytes = 1024 * 1024;
/** JSON writes a character in at most six bytes for each of its own. */
const worstEscape = 6;
const note = "\n[Cut: the whole message is too big to send.]";

/**
 * Pure. The newest of these messages that an answer has room for, oldest first; of one that is too big alone, its
 * beginning. A conversation stays readable whatever was said in it.
 */
export function newestThatFit(messages: readonly MessageView[], maxBytes = maxHistoryBytes): MessageView[] {
  const fitting: MessageView[] = [];
  let bytes = 0;
  for (const message of messages.toReversed()) {
    bytes += sizeOf(message);
    if (bytes > maxBytes && fitting.length > 0) break;
    fitting.push(bytes > maxBytes ? cut(message, maxBytes) : message);
  }
  return fitting.reverse();
}

function sizeOf(message: MessageView): number {
  return Buffer.byteLength(JSON.stringify(message)) + 1;
}

/** Pure. A text as an answer has room for it: its beginning, if it is too big. */
export function fittingText(text: string, maxBytes = maxHistoryBytes): string {
  return Buffer.byteLength(JSON.stringify(text)) <= maxBytes ? text : cutText(text, maxBytes);
}

function cut(message: MessageView, maxBytes: number): MessageView {
  return { ...message, content: cutText(message.content, maxBytes) };
}

function cutText(text: string, maxBytes: number): string {
  const start = Buffer.from(text).subarray(0, Math.floor(maxBytes / worstEscape));
  return new TextDecoder().decode(start, { stream: true }) + note;
}
