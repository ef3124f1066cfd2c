import { type Block, isJson, isRecord, mediaNote, type Origin } from "@carapace/protocol";
import { storable } from "../text.ts";

/** Pieces of a message as OpenClaw writes them; unknown ones are passed on to be counted. */
export interface ReadContent {
  readonly blocks: readonly Block[];
  /** Kinds of pieces this program does not know. */
  readonly unknown: readonly string[];
  /** How many pictures and documents are named but not taken over. */
  readonly media: number;
}

/** Thoughts stay where they are: they are no part of a conversation here. */
const leftOut: ReadonlySet<string> = new Set(["thinking", "redacted_thinking", "redactedThinking"]);
const maxInputDepth = 64;
const maxIdChars = 255;

/** Pure. The text, calls and named media of a message's content: a text, or a list of pieces. */
export function readContent(content: unknown, origin: Origin): ReadContent {
  if (typeof content === "string") return { blocks: textBlocks(content, origin), unknown: [], media: 0 };
  const blocks: Block[] = [];
  const unknown: string[] = [];
  let media = 0;
  for (const piece of Array.isArray(content) ? content : []) {
    const kind = isRecord(piece) && typeof piece["type"] === "string" ? piece["type"] : "no type";
    if (!isRecord(piece)) unknown.push(kind);
    else if (kind === "text" && typeof piece["text"] === "string")
      blocks.push(...textBlocks(piece["text"], origin));
    else if (kind === "toolCall" || kind === "toolUse" || kind === "tool_use") blocks.push(callOf(piece));
    else if (kind === "image" || kind === "document" || kind === "audio" || kind === "file") {
      media += 1;
      blocks.push({ type: "text", text: mediaText(piece), origin });
    } else if (!leftOut.has(kind)) unknown.push(kind);
  }
  return { blocks, unknown, media };
}

function textBlocks(text: string, origin: Origin): Block[] {
  const kept = storable(text);
  return kept === "" ? [] : [{ type: "text", text: kept, origin }];
}

/** A picture or document in words: its bytes stay in the source. */
export function mediaText(piece: Readonly<Record<string, unknown>>): string {
  const mime = [piece["mimeType"], piece["contentType"], piece["media_type"]].find(isText) ?? "media";
  const name = [piece["fileName"], piece["name"]].find(isText);
  const shown = { mime: storable(mime).slice(0, 127) };
  return mediaNote(name === undefined ? shown : { ...shown, name: storable(name).slice(0, 255) });
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function callOf(piece: Readonly<Record<string, unknown>>): Block {
  const input = piece["arguments"] ?? piece["input"] ?? {};
  return {
    type: "tool_use",
    id: idText(piece["id"]),
    name: idText(piece["name"]) || "unknown",
    input: isShallow(input) && isJson(input) ? input : "[the arguments are nested too deep to be kept]",
  };
}

/** Pure. An id or a name of a tool, as it is kept. */
export function idText(value: unknown): string {
  return typeof value === "string" ? storable(value).slice(0, maxIdChars) : "";
}

/** Level by level: a value nested a million times would end any walk that calls itself. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxInputDepth) return false;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return true;
}
