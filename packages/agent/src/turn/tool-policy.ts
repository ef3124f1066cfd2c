import type { AgentSettings } from "../types.ts";

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

/** One spelling for names that differ in case only. */
export function foldName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}
