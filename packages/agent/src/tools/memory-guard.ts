import { isTrusted } from "@carapace/protocol";
import type { ToolContext } from "../types.ts";
import { ownersWordsHold } from "../web/owners-words.ts";

/**
 * Whether a note may be replaced or erased. One that holds nobody else's text than the owner's is his: where something
 * untrusted could have steered the call, he has to have named it in this conversation, word for word.
 * @returns why not, for the model to tell
 */
export async function denyNoteChange(key: string, context: ToolContext): Promise<string | undefined> {
  if (context.steeredBy.every(isTrusted)) return undefined;
  const note = await context.state.memory.read(context.agentId, key);
  if (note === undefined || !isTrusted(note.origin) || (await ownersWordsHold(key, context)))
    return undefined;
  return notTheOwnersWish;
}

const notTheOwnersWish =
  "The note was not changed: it is the owner's, and this conversation holds text that is not (of a page, a webhook or " +
  "another person), which may be behind this. The owner can write the note's key in this conversation, or ask in a new one.";
