import type { OutboxMessage, OutboxPart } from "@carapace/state";
import type { Channel } from "../adapter.ts";
import { splitText } from "../text/split-text.ts";

type Limits = Pick<Channel, "maxTextChars" | "maxCaptionChars">;

/**
 * Pure. The parts of a message, each no longer than its channel takes (channels.md §15, X1). Those that went out stay as
 * they were; parts that fit already stay too, so that it can be asked again before each attempt.
 */
export function fittedParts({ parts, partsSent }: OutboxMessage, limits: Limits): OutboxPart[] {
  const left = parts.slice(partsSent).flatMap((part) => fitted(part, limits));
  return [...parts.slice(0, partsSent), ...left];
}

function fitted(part: OutboxPart, { maxTextChars, maxCaptionChars }: Limits): OutboxPart[] {
  if (part.type === "text") return texts(part.text, maxTextChars);
  const { caption } = part;
  if (caption === undefined || maxCaptionChars === undefined || caption.length <= maxCaptionChars)
    return [part];
  // A caption that is torn reads worse than media followed by its text.
  const { caption: _, ...media } = part;
  return [media, ...texts(caption, maxTextChars)];
}

function texts(text: string, maxChars: number | undefined): OutboxPart[] {
  const pieces = maxChars === undefined ? [text] : splitText(text, maxChars);
  return pieces.map((piece) => ({ type: "text", text: piece }));
}
