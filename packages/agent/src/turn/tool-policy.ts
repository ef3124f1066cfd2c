import type { AgentSettings, Tool } from "../types.ts";

/**
 * Whether an agent may use a tool (agent.md §8.2). Names are compared without regard to case, as the look-up does. A
 * policy this code does not know denies everything.
 */
export function isToolAllowed(name: string, tools: AgentSettings["tools"]): boolean {
  const isListed = tools.list.some((listed) => foldName(listed) === foldName(name));
  switch (tools.policy) {
    case "allow-all":
      return true;
    case "allow-list":
      return isListed;
    case "deny-list":
      return !isListed;
    default:
      return false;
  }
}

/** Whether a tool is shown to an agent's model, and run for it: its policy and its exfiltration guard (agent.md §8.1). */
export function isToolOffered(tool: Pick<Tool, "name" | "isOutward">, agent: ToolRights): boolean {
  if (agent.exfiltrationGuard === true && tool.isOutward === true) return false;
  return isToolAllowed(tool.name, agent.tools);
}

/** What decides which tools an agent has. */
export type ToolRights = Pick<AgentSettings, "tools" | "exfiltrationGuard">;

/** One spelling for names that differ in case only. */
export function foldName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}
