import type { Block, ToolResultBlock } from "@carapace/protocol";
import type { Message } from "@carapace/state";
import { callsIn } from "./conversation.ts";

/**
 * Makes calls and results fit together, as vendors refuse a context in which they do not (agent.md §7.6 *Fix*): a call
 * without a result gets an error result; a result without a call, a second result for one call and a second call of one
 * id in a message are dropped. A call's results are those between it and the next message that is not a result. History itself stays as it is.
 */
export function repairCalls(messages: readonly Message[]): Message[] {
  const repaired: Message[] = [];
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at];
    if (message === undefined || message.role === "tool") continue;
    if (message.role !== "assistant") repaired.push(message);
    else {
      const step = withoutRepeatedCalls(message);
      repaired.push(step, ...resultsFor(step, messages.slice(at + 1)));
    }
  }
  return repaired;
}

function withoutRepeatedCalls(step: Message): Message {
  const seen = new Set<string>();
  const blocks = step.blocks.filter((block) => {
    if (block.type !== "tool_use") return true;
    const isFirst = !seen.has(block.id);
    seen.add(block.id);
    return isFirst;
  });
  return { ...step, blocks };
}

function resultsFor(step: Message, rest: readonly Message[]): Message[] {
  const calls = callsIn(step.blocks);
  if (calls.length === 0) return [];
  const end = rest.findIndex((message) => message.role !== "tool");
  const results = new Map<string, ToolResultBlock>();
  for (const message of end === -1 ? rest : rest.slice(0, end)) {
    for (const block of message.blocks) {
      if (block.type === "tool_result" && !results.has(block.toolUseId)) results.set(block.toolUseId, block);
    }
  }
  const blocks = calls.map((call): Block => results.get(call.id) ?? missing(call.id, call.name));
  return [{ ...step, id: `${step.id}:results`, role: "tool", blocks }];
}

function missing(toolUseId: string, name: string): ToolResultBlock {
  return {
    type: "tool_result",
    toolUseId,
    name,
    content: "No result was recorded for this call.",
    isError: true,
    origin: { kind: "system", ref: "repair" },
  };
}
