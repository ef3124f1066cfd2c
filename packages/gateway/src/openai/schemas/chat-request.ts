import { once } from "@carapace/protocol";
import { z } from "zod";
import { content } from "./parts.ts";
import { effort, sampling } from "./sampling.ts";
import { jsonSchemaFormat, tool, toolChoice } from "./tools.ts";

const toolCall = () =>
  z.object({
    id: z.string(),
    type: z.literal("function").optional(),
    function: z.object({ name: z.string(), arguments: z.string() }),
  });

const message = () =>
  z.object({
    role: z.string(),
    content: content(),
    name: z.string().nullish(),
    tool_calls: z.array(toolCall()).nullish(),
    tool_call_id: z.string().nullish(),
  });

/** Body of `POST /v1/chat/completions` (http.md §11.1). */
export const chatRequest = once(() =>
  z.object({
    model: z.string().max(255).default("carapace"),
    messages: z.array(message()),
    ...sampling(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: z.int().positive().nullish(),
    max_completion_tokens: z.int().positive().nullish(),
    stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
    seed: z.int().nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    n: z.int().nullish(),
    reasoning_effort: effort().nullish(),
    response_format: z
      .discriminatedUnion("type", [
        z.object({ type: z.literal("text") }),
        z.object({ type: z.literal("json_object") }),
        z.object({ type: z.literal("json_schema"), json_schema: jsonSchemaFormat() }),
      ])
      .nullish(),
    tools: z.array(tool()).max(128).nullish(),
    tool_choice: toolChoice().nullish(),
  }),
);
export type ChatRequest = z.infer<ReturnType<typeof chatRequest>>;
