import type { SessionKey } from "@carapace/protocol";
import type { Message, State } from "@carapace/state";
import { usageEntry } from "../turn/usage.ts";
import type { AgentSettings, Provider } from "../types.ts";
import { compactThrough } from "./compaction.ts";
import { cutByCount } from "./cut.ts";
import { roomFor } from "./fit.ts";
import { modelSummarizer, type Summarize } from "./summarize.ts";

export interface CompactSessionRequest {
  readonly sessionId: string;
  readonly sessionKey: SessionKey;
  /** Messages that stay in the context; `maxLines` of `sessions.compact` (websocket.md §12.4). */
  readonly keepMessages: number;
  readonly agent: AgentSettings;
}

export interface CompactSessionDeps {
  readonly state: Pick<State, "sessions" | "runs" | "usage">;
  readonly provider: Provider;
  readonly clock: { nowMs(): number };
  readonly newId: () => string;
  readonly signal: AbortSignal;
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
  const { sessions } = deps.state;
  const previous = await sessions.compaction(request.sessionId);
  const afterSeq = previous?.throughSeq ?? 0;
  const range = { afterSeq, limit: request.keepMessages + 200, intactOnly: true };
  const kept = await sessions.history(request.sessionId, range);
  const throughSeq = cutByCount(kept, request.keepMessages, await firstOfRunning(request, deps, kept));
  const compaction =
    throughSeq === undefined || throughSeq <= afterSeq
      ? undefined
      : await compactThrough({ ...summaryParts(request, deps), sessions, throughSeq });
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
  const inputs = new Set((await deps.state.runs.unfinished(request.sessionId)).map((run) => run.input.id));
  return messages.find((message) => inputs.has(message.id))?.seq ?? Number.MAX_SAFE_INTEGER;
}

function summaryParts(request: CompactSessionRequest, deps: CompactSessionDeps) {
  const room = roomFor({ ...request.agent, fixedText: "", toolTokens: 0 });
  const summarize = summarizerFor({
    provider: deps.provider,
    model: request.agent.model.slice(request.agent.model.indexOf(":") + 1),
    nonce: deps.newId().replaceAll("-", "").slice(0, 16),
    newId: deps.newId,
    signal: deps.signal,
    onUsage: (usage) =>
      deps.state.usage.record(
        usageEntry({ agent: request.agent, sessionKey: request.sessionKey }, deps, usage),
      ),
  });
  return {
    sessionId: request.sessionId,
    chunkTokens: Math.floor(room / 2),
    nowMs: () => deps.clock.nowMs(),
    signal: deps.signal,
    ...(summarize === undefined ? {} : { summarize }),
  };
}

/** The model itself, unless the provider is none: then notes are extracted. */
export function summarizerFor(parts: Parameters<typeof modelSummarizer>[0]): Summarize | undefined {
  return parts.provider.isLanguageModel === false ? undefined : modelSummarizer(parts);
}
