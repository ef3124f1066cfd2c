import { isRecord, type Json, mixOrigins, type Origin } from "@carapace/protocol";
import { z } from "zod";
import type { ParsedCall, Tool, ToolContext, ToolOutput } from "../types.ts";

interface ToolSpec<P extends z.ZodObject> {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  readonly effect: Tool["effect"];
  readonly isOutward?: boolean;
  /** A strict object: unknown arguments are refused (agent.md §9.1). */
  readonly params: P;
  readonly run: (params: z.infer<P>, context: ToolContext) => Promise<ToolOutput> | ToolOutput;
}

/** Makes a tool whose arguments are parsed once, at the door, by the schema the model is shown. */
export function defineTool<P extends z.ZodObject>(spec: ToolSpec<P>): Tool {
  const { name, effect, params } = spec;
  let inputSchema: Tool["inputSchema"] | undefined;
  return {
    name,
    description: spec.description.trim(),
    effect,
    ...(spec.isOutward === undefined ? {} : { isOutward: spec.isOutward }),
    // Made on first use: the gateway starts without it.
    get inputSchema() {
      inputSchema ??= jsonSchema(params);
      return inputSchema;
    },
    parse: (input) => parseWith(params, input, spec.run),
  };
}

/** `Tool.parse` for arguments that a schema describes. */
export function parseWith<P extends z.ZodType>(
  params: P,
  input: unknown,
  run: (params: z.infer<P>, context: ToolContext) => Promise<ToolOutput> | ToolOutput,
): ParsedCall {
  const parsed = params.safeParse(input);
  if (!parsed.success) return { ok: false, say: z.prettifyError(parsed.error) };
  return { ok: true, run: async (context) => await run(parsed.data, context) };
}

/** A successful result. Its label holds whatever went into it. */
export function answer(value: Json, origin: Origin): ToolOutput {
  return { value, origin };
}

/** An error result: what is wrong and what to do instead. */
export function failure(say: string, origin: Origin): ToolOutput {
  return { value: say, isError: true, origin };
}

/** The label of a result which the call's arguments shaped: everything that could have steered the call. */
export function steered(context: ToolContext, tool: string): Origin {
  return mixOrigins("tool", context.steeredBy, tool);
}

function jsonSchema(params: z.ZodObject): Tool["inputSchema"] {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(params, { io: "input" });
  const plain: unknown = JSON.parse(JSON.stringify({ ...schema, additionalProperties: false }));
  if (!isRecord(plain)) throw new Error("a tool's parameters must be an object");
  return z.record(z.string(), z.json()).parse(plain);
}
