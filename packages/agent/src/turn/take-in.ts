import type { Block } from "@carapace/protocol";
import { estimateBlocks } from "../context/tokens.ts";
import { roomOf } from "./model-step.ts";
import type { Progress } from "./progress.ts";

/** Of the room of a conversation, what a turn's own messages may have for another one to join them. */
const ownShare = 0.5;

/**
 * Lets messages that came meanwhile join the turn, as many as its context has room for: what a turn is asked cannot be
 * compacted away. After a crash they are read back like its other messages.
 */
export async function takeIn(progress: Progress): Promise<void> {
  const fits = roomCheck(progress);
  const joined = await progress.deps.takeIn(progress.stepsTaken === 0 ? "start" : "step", fits);
  const { conversation } = progress;
  progress.conversation = { ...conversation, messages: [...conversation.messages, ...joined] };
}

/** Counts what it was asked for. */
function roomCheck(progress: Progress): (blocks: readonly Block[]) => boolean {
  let room: number | undefined;
  return (blocks) => {
    room = (room ?? ownRoom(progress)) - estimateBlocks(blocks);
    return room >= 0;
  };
}

function ownRoom(progress: Progress): number {
  const { messages, inputSeq } = progress.conversation;
  let room = roomOf(progress) * ownShare;
  for (const { seq, blocks } of messages) if (seq >= inputSeq) room -= estimateBlocks(blocks);
  return room;
}
