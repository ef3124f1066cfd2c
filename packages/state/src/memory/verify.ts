import { lossyText, textColumns } from "../database/row.ts";
import { listMemory, type MemoryDeps } from "./memory.ts";

/** Adds every agent that has notes, or had some according to the register. */
export function memoryAgents(deps: MemoryDeps, agents: Set<string>): void {
  for (const row of deps.connection.all(`SELECT DISTINCT ${textColumns("agent_id")} FROM memory`))
    agents.add(lossyText(row, "agent_id"));
  for (const name of deps.seals.groups("memory")) agents.add(name);
}

/** Checks an agent's whole set; what does not verify is reported. */
export function verifyMemory(deps: MemoryDeps, agentId: string): void {
  listMemory(deps, agentId);
}
