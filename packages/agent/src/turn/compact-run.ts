import { summarizerFor } from "../context/compact-session.ts";
import { compactThrough } from "../context/compaction.ts";
import { cutByTokens } from "../context/cut.ts";
import { type Fit, roomFor } from "../context/fit.ts";
import type { Progress } from "./progress.ts";
import { addUsage, usageEntry } from "./usage.ts";

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
  const summarize = summarizerFor({
    provider: deps.provider,
    model: turn.agent.model.slice(turn.agent.model.indexOf(":") + 1),
    nonce: progress.nonce,
    newId: deps.newId,
    signal: progress.signal,
    onUsage: async (usage) => {
      progress.usage = addUsage(progress.usage, usage);
      await deps.state.usage.record(usageEntry(turn, deps, usage));
    },
  });
  const compaction = await compactThrough({
    sessions: deps.state.sessions,
    sessionId: turn.sessionId,
    throughSeq,
    chunkTokens: Math.floor(room / 2),
    nowMs: () => deps.clock.nowMs(),
    signal: progress.signal,
    ...(summarize === undefined ? {} : { summarize }),
  });
  if (compaction === undefined) return;
  const messages = conversation.messages.filter((message) => message.seq > compaction.throughSeq);
  progress.conversation = { ...conversation, compaction, messages };
}
