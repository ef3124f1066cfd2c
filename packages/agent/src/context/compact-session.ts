import type { SessionKey, TokenUsage } from "@carapace/protocol";
import type { Compaction, Message, RunJournal } from "@carapace/state";
import { recordUsage } from "../turn/usage.ts";
import type { AgentSettings, Turn, TurnDeps } from "../types.ts";
import { compactThrough } from "./compaction.ts";
import { cutByCount } from "./cut.ts";
import { newNonce } from "./fence.ts";
import { roomFor } from "./fit.ts";
import { modelSummarizer } from "./summarize.ts";

export interface CompactSessionRequest {
  readonly sessionId: string;
  readonly sessionKey: SessionKey;
  /** Messages that stay in the context; `maxLines` of `sessions.compact` (websocket.md §12.4). */
  readonly keepMessages: number;
  readonly agent: AgentSettings;
}

type SummaryDeps = Pick<
  TurnDeps,
  "sessions" | "provider" | "clock" | "newId" | "secrets" | "signal" | "bill" | "recordUsage"
>;

export interface CompactSessionDeps extends SummaryDeps {
  readonly journal: Pick<RunJournal, "unfinished">;
}

export interface CompactSessionReport {
  readonly compacted: boolean;
  readonly kept: number;
  readonly messagesCompacted: number;
}

/**
 * Compacts a session because its owner asked for it. A run that goes on in the session keeps its input and its steps;
 * whether the session may be compacted at all (archived) is the caller's to refuse.
 * @throws StateError `session_damaged`
 */
export async function compactSession(
  request: CompactSessionRequest,
  deps: CompactSessionDeps,
): Promise<CompactSessionReport> {
  const { sessions } = deps;
  const previous = await sessions.compaction(request.sessionId);
  const afterSeq = previous?.throughSeq ?? 0;
  const range = { afterSeq, limit: request.keepMessages + 200, intactOnly: true };
  const kept = await sessions.history(request.sessionId, range);
  const throughSeq = cutByCount(kept, request.keepMessages, await firstOfRunning(request, deps, kept));
  const room = roomFor({ ...request.agent, fixedText: "", toolTokens: 0 });
  const compaction =
    throughSeq === undefined || throughSeq <= afterSeq
      ? undefined
      : await compactWithModel({ ...request, throughSeq, room, nonce: newNonce(deps.newId) }, deps);
  const through = compaction?.throughSeq ?? afterSeq;
  return {
    compacted: compaction !== undefined,
    kept: kept.filter((message) => message.seq > through).length,
    messagesCompacted: compaction?.messagesCompacted ?? 0,
  };
}

async function firstOfRunning(
  request: CompactSessionRequest,
  deps: CompactSessionDeps,
  messages: readonly Message[],
): Promise<number> {
  const inputs = new Set((await deps.journal.unfinished(request.sessionId)).map((run) => run.input.id));
  return messages.find((message) => inputs.has(message.id))?.seq ?? Number.MAX_SAFE_INTEGER;
}

/** What is compacted for whom, and how. */
export interface ModelCompaction extends Pick<Turn, "sessionId" | "sessionKey" | "agent"> {
  readonly throughSeq: number;
  /** Tokens the conversation may take; a summary call reads half of it. */
  readonly room: number;
  readonly nonce: string;
  /** Hears of each summary call's tokens, which are recorded anyway. */
  readonly onUsage?: (usage: TokenUsage) => void;
}

/**
 * Stores notes written by the agent's own model; extracted ones if its provider has none.
 * @returns undefined if there was nothing to compact or the signal fired
 * @throws StateError `session_damaged`
 */
export async function compactWithModel(
  what: ModelCompaction,
  deps: SummaryDeps,
): Promise<Compaction | undefined> {
  const { provider, signal, newId, secrets, clock, sessions } = deps;
  const summarize = modelSummarizer({
    provider,
    model: what.agent.model.model,
    nonce: what.nonce,
    newId,
    secrets,
    signal,
    onUsage: async (cost) => {
      what.onUsage?.(cost.usage);
      await recordUsage(what, deps, cost);
    },
  });
  return await compactThrough({
    sessions,
    sessionId: what.sessionId,
    throughSeq: what.throughSeq,
    chunkTokens: Math.floor(what.room / 2),
    nowMs: () => clock.nowMs(),
    signal,
    ...(provider.isLanguageModel === false ? {} : { summarize }),
  });
}
