import type { Block, Origin, Role } from "@carapace/protocol";
import type { Attachments } from "../attachments/attachments.ts";
import type { Piece, Read, Turn } from "../question/types.ts";

/** One message of a conversation as history keeps it. */
export interface Entry {
  readonly role: Extract<Role, Turn["role"]>;
  readonly blocks: readonly Block[];
  readonly itemId?: string;
}

/** Whose text it is: a caller with the service credential is the owner. */
const owner: Origin = { kind: "owner", ref: "openai" };
/** What a model is said to have written came through the client: nobody knows what it had read. */
const model: Origin = { kind: "model", from: ["imported"] };

/** Turns what a client sent into labelled messages; its files are taken in, and may be refused. */
export async function entriesOf(
  turns: readonly Turn[],
  attachments: Attachments,
  sessionId?: string,
): Promise<Read<Entry[]>> {
  const names = namesOfCalls(turns);
  const entries: Entry[] = [];
  for (const { role, pieces, itemId } of turns) {
    const blocks: Block[] = [];
    for (const piece of pieces) {
      const block = await blockOf(piece, { role, names, attachments, sessionId });
      if (!block.ok) return block;
      blocks.push(block.value);
    }
    entries.push({ role, blocks, ...(itemId === undefined ? {} : { itemId }) });
  }
  return { ok: true, value: entries };
}

interface Place {
  readonly role: Turn["role"];
  readonly names: ReadonlyMap<string, string>;
  readonly attachments: Attachments;
  readonly sessionId: string | undefined;
}

async function blockOf(piece: Piece, place: Place): Promise<Read<Block>> {
  const origin = place.role === "assistant" ? model : owner;
  switch (piece.kind) {
    case "text":
      return { ok: true, value: { type: "text", text: piece.text, origin } };
    case "file":
      return await place.attachments.take(piece.file, place.sessionId);
    case "block":
      return { ok: true, value: piece.block };
    case "call": {
      const { id, name, input } = piece;
      return { ok: true, value: { type: "tool_use", id, name, input } };
    }
    case "result": {
      const { id: toolUseId, text: content } = piece;
      const name = place.names.get(toolUseId) ?? "";
      const tool: Origin = { kind: "tool", from: ["imported"] };
      return {
        ok: true,
        value: { type: "tool_result", toolUseId, name, content, isError: false, origin: tool },
      };
    }
  }
}

function namesOfCalls(turns: readonly Turn[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const piece of turns.flatMap(({ pieces }) => pieces)) {
    if (piece.kind === "call") names.set(piece.id, piece.name);
  }
  return names;
}
