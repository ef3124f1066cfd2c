import type { AgentSettings, ToolDefinition } from "../types.ts";
import { explainFence } from "./fence.ts";

export interface PromptFacts {
  readonly agent: Pick<AgentSettings, "agentId" | "system">;
  readonly channel?: string;
  readonly nowMs: number;
  readonly tools: readonly Pick<ToolDefinition, "name">[];
  /** Stored system messages of the session. */
  readonly notices: readonly string[];
  /** Given when the context holds fenced text. */
  readonly nonce?: string;
  /** Set on a closing turn: why there are no more tools. */
  readonly closing?: string;
}

const whoWeAre =
  "You are Carapace, a personal assistant which runs on the owner's own machine. Answer in the owner's language, " +
  "briefly and truthfully. If you do not know something, say so. Never claim to have done what you have not done.";

/**
 * Pure. The configured prompt (else a short one of our own), then a frame: which agent, where, which day, how tools
 * are used. The day, not the minute: a prompt that stays the same all day can be cached by the vendor. The
 * assistant's notes are not put in: a note that a web page had a hand in would taint every later turn (design.md,
 * *Labels*), and the tools find them when they are needed.
 */
export function systemPrompt(facts: PromptFacts): string {
  return [
    facts.agent.system ?? whoWeAre,
    frame(facts),
    toolGuide(facts.tools),
    ...facts.notices,
    facts.nonce === undefined ? "" : explainFence(facts.nonce),
    facts.closing ?? "",
  ]
    .filter((part) => part.trim() !== "")
    .join("\n\n");
}

function frame(facts: PromptFacts): string {
  const day = new Date(facts.nowMs).toISOString().slice(0, 10);
  const where = facts.channel === undefined ? "" : ` on the channel "${facts.channel}"`;
  return `You are the agent "${facts.agent.agentId}"${where}. Today is ${day} (UTC).`;
}

function toolGuide(tools: PromptFacts["tools"]): string {
  if (tools.length === 0) return "";
  const names = new Set(tools.map((tool) => tool.name));
  const lines = [
    "Use a tool when it gives a better answer than guessing; calls that do not depend on each other go together.",
  ];
  if (names.has("current_time")) lines.push("For the time of day call current_time.");
  if (names.has("math_eval")) lines.push("For arithmetic call math_eval.");
  if (names.has("memory_search")) {
    lines.push(
      "You keep notes across conversations: look with memory_search before you say that you do not know the owner.",
    );
  }
  if (names.has("memory_write")) lines.push("Write a note when the owner asks you to remember something.");
  if (names.has("session_search")) lines.push("Earlier conversations are found with session_search.");
  return lines.join("\n");
}
