import { isRecord } from "@carapace/protocol";
import type { NewMessage } from "../../types.ts";
import { contentOfBlocks } from "../content.ts";
import { factsField, lineField, type MessageFacts, ReferenceLine } from "../facts.ts";

/** A message as the reference keeps it (state.md §3.1), with what it has no place for in `metadata.carapace`. */
export function messageLine(sessionId: string, message: NewMessage): Readonly<Record<string, unknown>> {
  const { [lineField]: line, ...own } = message.metadata ?? {};
  const parsed = ReferenceLine.safeParse(line);
  const reference = parsed.success ? parsed.data : {};
  const [result] = message.blocks;
  const isResult = message.role === "tool" && result?.type === "tool_result";
  const callId = isResult ? result.toolUseId : reference.toolCallId;
  const name = isResult ? result.name : reference.toolName;
  return {
    id: message.id,
    session_id: sessionId,
    role: reference.role ?? message.role,
    content: reference.content ?? contentOfBlocks(message.blocks),
    ...(callId === undefined ? {} : { tool_call_id: callId }),
    ...(name === undefined ? {} : { tool_name: name }),
    ...(message.tokens === undefined ? {} : { tokens: message.tokens }),
    created_at: message.createdAtMs,
    metadata: { ...own, [factsField]: factsOf(message, line) },
    ...(isRecord(reference.fields) ? reference.fields : {}),
  };
}

function factsOf({ blocks, runId, metadata }: NewMessage, line: unknown): MessageFacts {
  const [first] = blocks;
  const isText = blocks.length === 1 && first?.type === "text";
  const isPlain = isText && !isSaidOtherwise(line);
  return {
    v: 1,
    ...(isPlain ? { origin: first.origin } : { blocks: [...blocks] }),
    ...(runId === undefined ? {} : { runId }),
    ...(metadata !== undefined && Object.keys(metadata).length === 0 ? { hasMetadata: true } : {}),
    ...(line === undefined ? {} : { line }),
  };
}

function isSaidOtherwise(line: unknown): boolean {
  return isRecord(line) && "content" in line;
}
