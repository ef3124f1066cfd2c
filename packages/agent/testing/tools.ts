import type { Json, Origin } from "@carapace/protocol";
import type { Tool, ToolContext } from "../src/types.ts";

export interface ProbeTool extends Tool {
  /** How often it was started, and with what. */
  readonly inputs: readonly unknown[];
  readonly contexts: readonly ToolContext[];
}

/** A tool that notes its calls and gives what `run` gives. */
export function probeTool(
  name: string,
  effect: Tool["effect"],
  run: (input: unknown, context: ToolContext) => Promise<Json> | Json,
  origin: Origin = { kind: "tool", ref: name },
): ProbeTool {
  const inputs: unknown[] = [];
  const contexts: ToolContext[] = [];
  return {
    name,
    description: name,
    effect,
    inputs,
    contexts,
    inputSchema: { type: "object", properties: { n: { type: "number" } }, additionalProperties: false },
    async run(input, context) {
      inputs.push(input);
      contexts.push(context);
      return { value: await run(input, context), origin };
    },
  };
}
