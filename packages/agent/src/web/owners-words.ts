import { type Block, isTrusted } from "@carapace/protocol";
import { StateError } from "@carapace/state";
import type { ToolContext } from "../types.ts";

/** How far back the owner's words count. */
const maxMessages = 200;

/** Characters around a URL. */
const maxWrapping = 20;

/** Whether the owner wrote this text, word for word, in this conversation: then it was not made up by anybody else. */
export async function ownersWordsHold(
  text: string,
  { state, sessionId }: Pick<ToolContext, "state" | "sessionId">,
): Promise<boolean> {
  try {
    const messages = await state.sessions.history(sessionId, { limit: maxMessages, intactOnly: true });
    return messages.some(({ role, blocks }) => role === "user" && blocks.some((block) => isIn(block, text)));
  } catch (fault) {
    // Words that may have been changed are nobody's.
    if (fault instanceof StateError) return false;
    throw fault;
  }
}

/** A URL that only begins like the owner's is another one: what follows could be what the model knows. */
function isIn(block: Block, text: string): boolean {
  if (block.type !== "text" || block.origin.kind !== "owner" || !isTrusted(block.origin)) return false;
  const words = block.text.split(/\s+/).filter((word) => word.length < text.length + maxWrapping);
  return words.some((word) => word === text || unwrapped(word) === text);
}

/** A word without the brackets, quotes and full stops that people put around a URL. */
function unwrapped(word: string): string {
  return word.replace(/^[<("'`[]+/, "").replace(/[>)"'`\].,;:!?]+$/, "");
}
