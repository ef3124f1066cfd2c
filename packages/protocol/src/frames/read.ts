import { isRecord, parseJson } from "../json.ts";
import { exceedsDepth } from "./depth.ts";
import { EventFrame, ResponseFrame } from "./frames.ts";
import { wireLimits } from "./limits.ts";

/** What a gateway makes of one text message, after its size was checked (websocket.md §2, §3.2). */
export type Inbound =
  | { readonly kind: "request"; readonly id: string; readonly method: string; readonly params: unknown }
  /** The envelope can be answered, the method cannot be read. */
  | { readonly kind: "bad_method"; readonly id: string }
  | { readonly kind: "too_deep" }
  | { readonly kind: "invalid" };

/** Reads one inbound text message. Never throws, whatever the text. */
export function readRequest(text: string, maxDepth: number = wireLimits.maxJsonDepth): Inbound {
  // Before it is parsed: parsing a megabyte of brackets takes hundreds of megabytes of memory.
  if (!/^\s*\{/.test(text)) return { kind: "invalid" };
  if (exceedsDepth(text, maxDepth)) return { kind: "too_deep" };
  const frame = parseJson(text);
  if (!isRecord(frame)) return { kind: "invalid" };
  const { type, id, method, params } = frame;
  if (type !== "req" || !isNonBlank(id)) return { kind: "invalid" };
  return isNonBlank(method) ? { kind: "request", id, method, params } : { kind: "bad_method", id };
}

/** Reads one frame of a gateway. @returns undefined for anything that is not a response or an event; never throws. */
export function readServerFrame(text: string): ResponseFrame | EventFrame | undefined {
  const frame = parseJson(text);
  if (!isRecord(frame)) return undefined;
  const schema = frame["type"] === "res" ? ResponseFrame : EventFrame;
  return schema.safeParse(frame).data;
}

function isNonBlank(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
