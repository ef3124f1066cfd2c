import type { Origin } from "@carapace/protocol";

export interface MemoryEntry {
  readonly key: string;
  readonly value: string;
  readonly origin: Origin;
  readonly updatedAtMs: number;
}

/** The assistant's notes, one set per agent (agent.md §7.10): key ≤ 1024 bytes, value ≤ 65,536, an agent's whole set ≤ 4 MiB. */
export interface MemoryRepository {
  read(agentId: string, key: string): Promise<MemoryEntry | undefined>;
  /** @returns false if the agent's set would grow above its cap. */
  write(agentId: string, entry: MemoryEntry): Promise<boolean>;
  /** Really erases the text. @returns whether it was there. */
  forget(agentId: string, key: string): Promise<boolean>;
  /** By key. */
  list(agentId: string): Promise<MemoryEntry[]>;
  search(agentId: string, query: string, limit: number): Promise<MemoryEntry[]>;
}
