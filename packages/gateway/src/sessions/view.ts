import { createRedactor } from "@carapace/config/redaction";
import {
  type Block,
  type MessageView,
  mediaNote,
  type SessionEntry,
  type SessionRow,
  sessionKind,
  textOf,
} from "@carapace/protocol";
import type { Message, NewMessage, Run, Session } from "@carapace/state";
import { redactToolInput } from "../runs/redact-tool-event.ts";

/** *SE* of websocket.md §12.4. */
export function sessionEntry(session: Session): SessionEntry {
  const { metadata } = session;
  return {
    sessionId: session.id,
    updatedAt: session.updatedAtMs,
    label: metadata.name ?? null,
    thinkingLevel: metadata.thinkingLevel ?? null,
    model: metadata.model ?? null,
    channel: metadata.channel ?? null,
    chatId: metadata.chatId ?? null,
    agentId: metadata.agentId ?? null,
    userId: metadata.userId ?? null,
    status: session.status,
    ...damageOf(session),
  };
}

/** *SR* of websocket.md §12.4. */
export function sessionRow(session: Session): SessionRow {
  const { metadata } = session;
  return {
    key: session.key,
    kind: sessionKind(session.key, metadata.chatId),
    access: "available",
    label: metadata.name ?? null,
    displayName: metadata.name ?? null,
    channel: metadata.channel ?? null,
    chatId: metadata.chatId ?? null,
    userId: metadata.userId ?? null,
    updatedAt: session.updatedAtMs,
    sessionId: session.id,
    messageCount: session.messageCount,
    thinkingLevel: metadata.thinkingLevel ?? null,
    model: metadata.model ?? null,
    ...damageOf(session),
  };
}

/** What a reader must know of a session that was set aside. */
export function damageOf({ damage }: Session): { damage?: string } {
  return damage === undefined ? {} : { damage: damage.say };
}

/**
 * Messages as clients see them. What somebody wrote is theirs; what tools were given and answered is shown as the run's
 * own events showed it, without known secrets and what looks like one. The model reads the stored texts.
 * @param known Secrets this gateway holds.
 */
export function messageViews(known: readonly string[]): (message: Message | NewMessage) => MessageView {
  const clean = createRedactor(known);
  return ({ id, role, blocks, createdAtMs: ts }) => ({ id, role, content: contentText(blocks, clean), ts });
}

/** An accepted message whose turn has not begun; it is durable, but not in the history yet (decision 0001). */
export function waitingView(run: Run, view: ReturnType<typeof messageViews>): MessageView {
  return { ...view(run.input), status: "waiting" };
}

/** Text as text; with tool calls, the JSON list of its blocks as the reference stores it (agent.md §7.6). */
function contentText(blocks: readonly Block[], clean: (text: string) => string): string {
  if (blocks.some((block) => block.type === "tool_use"))
    return JSON.stringify(blocks.map((block) => shownBlock(block, clean)));
  const results = blocks.flatMap((block) => (block.type === "tool_result" ? [clean(block.content)] : []));
  if (results.length > 0) return results.join("\n");
  const notes = blocks.flatMap((block) => (block.type === "media" ? [mediaNote(block)] : []));
  return [textOf(blocks), ...notes].filter((text) => text !== "").join("\n");
}

function shownBlock(block: Block, clean: (text: string) => string): object {
  if (block.type === "tool_use")
    return { ...block, name: clean(block.name), input: redactToolInput(block.input, clean) };
  const { origin: _, ...shown } = block;
  return shown.type === "tool_result" ? { ...shown, content: clean(shown.content) } : shown;
}

/** The first so many bytes of a text on one line, never cut inside a character. */
export function excerpt(text: string, maxBytes: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (Buffer.byteLength(line) <= maxBytes) return line;
  const room = Buffer.from(line).subarray(0, maxBytes - 3);
  return `${new TextDecoder("utf-8").decode(room).replace(/\uFFFD+$/, "")}…`;
}
