import { type Block, mediaNote, mixOrigins } from "@carapace/protocol";
import { type Message, StateError } from "@carapace/state";
import { z } from "zod";
import { messageOrigins } from "../context/origins.ts";
import { cutBytes } from "../sanitize/redact.ts";
import type { ToolContext, ToolOutput } from "../types.ts";
import { answer, defineTool, failure, steered } from "./define-tool.ts";

const maxMessageBytes = 8 * 1024;
/** Below the loop's own cap, so that the result stays whole JSON. */
const maxAllBytes = 48 * 1024;

/** Messages of one of the agent's own conversations (agent.md §9.2); `message_id` finds what a citation names. */
export const sessionRead = defineTool({
  name: "session_read",
  description:
    "Reads the newest messages of one of this agent's conversations, or, with message_id, the messages from that one on " +
    "(for a citation such as [m:ID]). Messages that did not fit are counted in omitted.",
  effect: "read",
  params: z.strictObject({
    session_id: z
      .string()
      .min(1)
      .max(255)
      .describe("From session_list or session_search; current for this conversation"),
    limit: z.int().min(1).max(200).default(50),
    message_id: z.string().min(1).max(255).optional(),
  }),
  run: (params, context) => read(params, context),
});

async function read(
  params: { session_id: string; limit: number; message_id?: string | undefined },
  context: ToolContext,
): Promise<ToolOutput> {
  const sessionId = params.session_id === "current" ? context.sessionId : params.session_id;
  const session = await context.state.sessions.findById(sessionId);
  const isOwn =
    session !== undefined &&
    (session.id === context.sessionId || session.metadata.agentId === context.agentId);
  // One answer for all three: whether another agent has such a conversation is not this one's to know.
  if (!isOwn) return failure("There is no such conversation.", steered(context, "session_read"));
  const messages = await intact(
    params.message_id === undefined
      ? context.state.sessions.history(session.id, { limit: params.limit, intactOnly: true })
      : from(params.message_id, session.id, { sessions: context.state.sessions, limit: params.limit }),
  );
  if (messages === "damaged")
    return failure(
      "This conversation was changed outside of this program: it is not shown to models.",
      steered(context, "session_read"),
    );
  if (messages === undefined)
    return failure("There is no such message in this conversation.", steered(context, "session_read"));
  const isFromStart = params.message_id !== undefined;
  const shown = fitting(messages, isFromStart);
  const origins = messages.flatMap(messageOrigins);
  const value = { messages: shown.map(view), omitted: messages.length - shown.length };
  return answer(value, mixOrigins("tool", origins, "session_read"));
}

async function intact<T>(reading: Promise<T>): Promise<T | "damaged"> {
  try {
    return await reading;
  } catch (fault) {
    if (fault instanceof StateError && fault.code === "session_damaged") return "damaged";
    throw fault;
  }
}

async function from(
  messageId: string,
  sessionId: string,
  { sessions, limit }: { sessions: ToolContext["state"]["sessions"]; limit: number },
): Promise<Message[] | undefined> {
  const seq = await sessions.seqOf(sessionId, messageId);
  if (seq === undefined) return undefined;
  const messages = await sessions.history(sessionId, {
    afterSeq: seq - 1,
    beforeSeq: seq + limit,
    limit,
    intactOnly: true,
  });
  // The place was not verified, what stands there is.
  return messages[0]?.id === messageId ? messages : undefined;
}

function fitting(messages: readonly Message[], isFromStart: boolean): Message[] {
  const shown: Message[] = [];
  let bytes = 0;
  for (const message of isFromStart ? messages : messages.toReversed()) {
    bytes += Buffer.byteLength(JSON.stringify(view(message)));
    if (bytes > maxAllBytes && shown.length > 0) break;
    shown.push(message);
  }
  return isFromStart ? shown : shown.reverse();
}

function view(message: Message) {
  const toolName = message.blocks.find((block) => block.type === "tool_result")?.name ?? null;
  const content = cutBytes(message.blocks.map(blockText).filter(Boolean).join("\n"), maxMessageBytes);
  return {
    id: message.id,
    role: message.role,
    content,
    created_at: message.createdAtMs,
    tool_name: toolName,
  };
}

function blockText(block: Block): string {
  if (block.type === "text") return block.text;
  if (block.type === "tool_result") return block.content;
  if (block.type === "media") return mediaNote(block);
  return `(used ${block.name} with ${JSON.stringify(block.input)})`;
}
