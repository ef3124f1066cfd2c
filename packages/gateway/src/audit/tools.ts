import type { AgentSettings, ToolDecision } from "@carapace/agent";
import type { Audit, Run } from "@carapace/state";

/** What became of a tool call, for the audit log (agent.md §9.1 *Fix*); its arguments are nobody's business there. */
export function recordTool(
  audit: Pick<Audit, "record">,
  { decided, agent, run }: { decided: ToolDecision; agent: AgentSettings; run: Pick<Run, "sessionId"> },
): void {
  const actor = `agent:${agent.agentId}`;
  // The name of a refused tool is the model's own words.
  const call = { tool_name: decided.tool.slice(0, 128), agent_id: agent.agentId, session_id: run.sessionId };
  if (decided.kind === "executed") audit.record({ actor, event: "tool_executed", data: call });
  else audit.record({ actor, event: "tool_denied", data: { ...call, policy: decided.policy } });
}
