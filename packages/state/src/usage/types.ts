import type { SessionKey, TokenUsage } from "@carapace/protocol";

export interface UsageEntry {
  readonly provider: string;
  /** Full model string, `provider:model`. */
  readonly model: string;
  readonly sessionKey: SessionKey;
  readonly agentId: string;
  readonly usage: TokenUsage;
  readonly costUsd: number;
  readonly atMs: number;
}

export interface UsageRepository {
  record(entry: UsageEntry): Promise<void>;
  /** Sums since then per UTC day, provider and model, oldest day first; of one session if named. */
  days(sinceMs: number, sessionKey?: string): Promise<UsageDay[]>;
  /** Sums per session since then, the latest used first; of one session if named. */
  sessions(sinceMs: number, sessionKey?: string): Promise<UsageOfSession[]>;
  /** Forgets what was recorded, of one session if named. @returns how many sessions it had entries of. */
  clear(sessionKey?: string): Promise<number>;
}

/** Sums of recorded usage (websocket.md §12.9). */
export interface UsageSums {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly requests: number;
  readonly costUsd: number;
}

export interface UsageDay extends UsageSums {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly provider: string;
  readonly model: string;
}

export interface UsageOfSession extends UsageSums {
  readonly sessionKey: SessionKey;
  readonly firstUsedAtMs: number;
  readonly lastUsedAtMs: number;
}
