import { compactWithModel } from "../context/compact-session.ts";
import { cutByTokens } from "../context/cut.ts";
import { type Fit, roomFor } from "../context/fit.ts";
import type { Progress } from "./progress.ts";
import { addUsage } from "./usage.ts";

/** How much of the room earlier turns keep, so that the next turns do not compact again at once. */
const keptShare = 0.3;

/**
 * Replaces the earlier part of a running turn's conversation by notes, stored with the session. What the run itself
 * said and found stays.
 */
export async function compactForRun(progress: Progress, fit: Fit): Promise<void> {
  progress.hasCompacted = true;
  const { deps, turn, conversation } = progress;
  const room = roomFor(fit);
  const throughSeq = cutByTokens(conversation.messages, room * keptShare, conversation.inputSeq);
  if (throughSeq === undefined) return;
  const compaction = await compactWithModel(
    {
      ...turn,
      throughSeq,
      room,
      nonce: progress.nonce,
      onUsage: (usage) => {
        progress.usage = addUsage(progress.usage, usage);
      },
    },
    { ...deps, signal: progress.signal },
  );
  if (compaction === undefined) return;
  const messages = conversation.messages.filter((message) => message.seq > compaction.throughSeq);
  progress.conversation = { ...conversation, compaction, messages };
}
