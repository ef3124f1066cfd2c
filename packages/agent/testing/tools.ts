import type { Json, Origin } from "@carapace/protocol";
import { z } from "zod";
import { parseWith } from "../src/tools/define-tool.ts";
import type { Tool, ToolContext, ToolOutput } from "../src/types.ts";

export interface ProbeTool extends Tool {
  /** How often it was started, and with what. */
  readonly inputs: readonly unknown[];
  readonly contexts: readonly ToolContext[];
}

type Probe = (input: unknown, context: ToolContext) => Promise<Json> | Json;

/** A tool that notes its calls and gives what `run` gives. */
export function probeTool(name: string, effect: Tool["effect"], run: Probe): ProbeTool {
  const inputs: unknown[] = [];
  const contexts: ToolContext[] = [];
  return {
    name,
    description: name,
    effect,
    inputs,
    contexts,
    inputSchema: { type: "object", properties: { n: { type: "number" } }, additionalProperties: false },
    parse: (given) =>
      parseWith(z.strictObject({ n: z.number().optional() }), given, async (input, context) => {
        inputs.push(input);
        contexts.push(context);
        return { value: await run(input, context), origin: { kind: "tool", ref: name } };
      }),
  };
}

/** The same tool, whose results come from elsewhere. */
export function labelled<T extends Tool>(tool: T, origin: Origin): T {
  return {
    ...tool,
    parse(input: unknown) {
      const parsed = tool.parse(input);
      if (!parsed.ok) return parsed;
      return { ok: true, run: async (context) => ({ ...(await parsed.run(context)), origin }) };
    },
  };
}

/** Calls a tool as the loop does; a refusal of its arguments is an error of the test. */
export async function callTool(tool: Tool, input: unknown, context: ToolContext): Promise<ToolOutput> {
  const parsed = tool.parse(input);
  if (!parsed.ok) throw new Error(parsed.say);
  return await parsed.run(context);
}
