import { type Block, isRecord, mixOrigins, type Origin, Role } from "@carapace/protocol";
import { z } from "zod";
import type { NewMessage } from "../../types.ts";
import { blocksOfContent, contentOfBlocks } from "../content.ts";
import { factsField, lineField, MessageFacts, type ReferenceLine } from "../facts.ts";
import type { InboundEvent } from "../types.ts";

const HistoryLine = z.looseObject({
  id: z.string().min(1).max(255),
  session_id: z.string(),
  role: z.string(),
  content: z.string(),
  created_at: z.int(),
  tool_call_id: z.string().nullish(),
  tool_name: z.string().nullish(),
  tokens: z.int().min(0).nullish(),
  metadata: z.unknown().optional(),
});
type HistoryLine = z.infer<typeof HistoryLine>;

const known = new Set(Object.keys(HistoryLine.shape));

/** What the messages of a session are read with. */
export interface MessageContext {
  readonly sessionId: string;
  /** The channel the session is with; what its users say is a stranger's. */
  readonly channel: string | undefined;
  /** Whether facts in `metadata.carapace` are taken over. */
  readonly isTrusted: boolean;
}

/** A line: a message, an event id that stands for one that is gone, or why it is neither. */
export type ReadMessage =
  | { readonly kind: "message"; readonly message: NewMessage }
  | { readonly kind: "event"; readonly event: InboundEvent }
  | { readonly kind: "bad"; readonly say: string };

/** Pure. Reads the JSON of a history line (state.md §3.1, §3.4; agent.md §7.6). */
export function readMessage(json: unknown, context: MessageContext): ReadMessage {
  const parsed = HistoryLine.safeParse(json);
  if (!parsed.success) return { kind: "bad", say: "The line is not a message." };
  const line = parsed.data;
  if (line.session_id !== context.sessionId) return { kind: "bad", say: "The line is of another session." };
  if (!isStorable(line.id)) return { kind: "bad", say: "The message's id cannot be kept." };
  const event = eventOf(line.metadata);
  const isMarker = isRecord(line.metadata) && line.metadata["inbound_dedupe_marker"] === true;
  if (isMarker)
    return event === undefined ? { kind: "bad", say: "The marker has no id." } : { kind: "event", event };
  return { kind: "message", message: toMessage(line, context) };
}

export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The channel's event a message came from (state.md §3.4). */
function eventOf(metadata: unknown): InboundEvent | undefined {
  if (!isRecord(metadata)) return undefined;
  const { inbound_event_id: eventId, inbound_run_id: runId } = metadata;
  if (typeof eventId !== "string" || eventId === "" || !isStorable(eventId)) return undefined;
  return { eventId, ...(typeof runId === "string" && isStorable(runId) ? { runId } : {}) };
}

function toMessage(line: HistoryLine, context: MessageContext): NewMessage {
  const facts = factsOf(line, context);
  const role = Role.safeParse(line.role);
  const blocks = blocksOf(line, facts, context);
  const metadata = metadataOf(line, blocks, facts);
  return {
    id: line.id,
    role: role.success ? role.data : "system",
    blocks,
    createdAtMs: line.created_at,
    ...(typeof line.tokens === "number" ? { tokens: line.tokens } : {}),
    ...(facts?.runId === undefined || !isStorable(facts.runId) ? {} : { runId: facts.runId }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function factsOf({ metadata }: HistoryLine, { isTrusted }: MessageContext): MessageFacts | undefined {
  if (!isTrusted || !isRecord(metadata)) return undefined;
  const parsed = MessageFacts.safeParse(metadata[factsField]);
  return parsed.success ? parsed.data : undefined;
}

function blocksOf(
  line: HistoryLine,
  facts: MessageFacts | undefined,
  context: MessageContext,
): readonly Block[] {
  if (facts?.blocks !== undefined) return facts.blocks;
  if (facts?.origin !== undefined) return [{ type: "text", text: line.content, origin: facts.origin }];
  const origin = originOf(line, context);
  if (line.role !== "tool") {
    return line.role === "assistant"
      ? blocksOfContent(line.content, origin)
      : [{ type: "text", text: line.content, origin }];
  }
  const toolUseId = line.tool_call_id ?? "";
  const isError = isRecord(line.metadata) && line.metadata["is_error"] === true;
  return [
    { type: "tool_result", toolUseId, name: line.tool_name ?? "", content: line.content, isError, origin },
  ];
}

const imported: Origin = { kind: "imported" };

/** Nobody vouches for what another program wrote: none of it counts as the owner's words. */
function originOf(line: HistoryLine, { channel }: MessageContext): Origin {
  if (line.role === "assistant") return mixOrigins("model", [imported]);
  if (line.role === "tool") return mixOrigins("tool", [imported], line.tool_name?.slice(0, 255));
  const isPeer = line.role === "user" && (channel !== undefined || eventOf(line.metadata) !== undefined);
  return isPeer ? mixOrigins("peer", [imported], channel?.slice(0, 255)) : imported;
}

/** The line's metadata, and beside it what has no other place here. */
function metadataOf(line: HistoryLine, blocks: readonly Block[], facts: MessageFacts | undefined) {
  const own = isRecord(line.metadata) ? { ...line.metadata } : {};
  delete own[factsField];
  delete own[lineField];
  const rest = facts === undefined ? restOf(line, blocks) : facts.line;
  const hasCalls = blocks.some((block) => block.type === "tool_use");
  const callOrigin = hasCalls && facts === undefined ? { callOrigin: mixOrigins("model", [imported]) } : {};
  const all = {
    ...own,
    ...callOrigin,
    ...(rest === undefined ? {} : { [lineField]: rest }),
  };
  return Object.keys(all).length === 0 && facts?.hasMetadata !== true ? undefined : all;
}

function restOf(line: HistoryLine, blocks: readonly Block[]): ReferenceLine | undefined {
  const isTool = line.role === "tool";
  const fields = Object.entries(line).filter(([name]) => !known.has(name));
  const isKnownRole = Role.safeParse(line.role).success;
  const { metadata } = line;
  const rest = {
    ...(isKnownRole ? {} : { role: line.role }),
    ...(contentOfBlocks(blocks) === line.content ? {} : { content: line.content }),
    ...(isTool || line.tool_call_id == null ? {} : { toolCallId: line.tool_call_id }),
    ...(isTool || line.tool_name == null ? {} : { toolName: line.tool_name }),
    ...(metadata === undefined || metadata === null || isRecord(metadata) ? {} : { metadata }),
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
  };
  return Object.keys(rest).length === 0 ? undefined : rest;
}
