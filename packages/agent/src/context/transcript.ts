import { type Block, mediaNote, type Origin } from "@carapace/protocol";
import type { Message } from "@carapace/state";
import { messageOrigins } from "./origins.ts";

/** One message as a summariser reads it: short, with the number it is cited by. */
export interface TranscriptLine {
  /** Cited as `[m:SEQ]`; code turns that into the message's id. */
  readonly seq: number;
  readonly id: string;
  readonly role: Message["role"];
  readonly text: string;
  readonly origins: readonly Origin[];
}

const maxSpokenChars = 2000;
const maxResultChars = 500;

/** Pure. */
export function transcriptLine(message: Message): TranscriptLine {
  const text = message.blocks.map(blockText).join("\n").trim();
  const { seq, id, role } = message;
  return { seq, id, role, text, origins: messageOrigins(message) };
}

function blockText(block: Block): string {
  if (block.type === "text") return cut(block.text, maxSpokenChars);
  if (block.type === "media") return mediaNote(block);
  if (block.type === "tool_use")
    return cut(`(used ${block.name} with ${JSON.stringify(block.input)})`, maxResultChars);
  return cut(`(${block.name} ${block.isError ? "failed" : "answered"}: ${block.content})`, maxResultChars);
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars).toWellFormed()}…`;
}
