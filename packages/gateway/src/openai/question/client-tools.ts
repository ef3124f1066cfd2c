import type { ToolDefinition } from "@carapace/agent";
import { invalid } from "../errors.ts";
import type { Tool, ToolChoice } from "../schemas/tools.ts";
import type { Read } from "./types.ts";

/** Pure. A client's own tools, as a model is told of them; the last of a name counts. */
export function clientTools(tools: readonly Tool[] | null | undefined): ToolDefinition[] {
  const byName = new Map<string, ToolDefinition>();
  for (const { name, description, parameters } of tools ?? []) {
    const inputSchema = parameters ?? { type: "object", properties: {} };
    byName.set(name, { name, description: description ?? "", inputSchema });
  }
  return [...byName.values()];
}

/** Pure. A choice that no tool can meet is refused before any model is asked (http.md §11.2). */
export function checkToolChoice(
  choice: ToolChoice | null | undefined,
  tools: readonly ToolDefinition[],
): Read<undefined> {
  if (choice === "required" && tools.length === 0) {
    return refusal("tool_choice=required but no tools were provided");
  }
  if (typeof choice === "object" && choice !== null && !tools.some(({ name }) => name === choice.name)) {
    return refusal(`tool_choice requested unknown tool: ${choice.name.slice(0, 128)}`);
  }
  return { ok: true, value: undefined };
}

function refusal(message: string): Read<undefined> {
  return { ok: false, error: invalid(message, "tool_choice") };
}
