import { once } from "@carapace/protocol";
import { z } from "zod";
import { content, contentPart } from "./parts.ts";
import { effort, sampling } from "./sampling.ts";
import { jsonSchemaFormat, tool, toolChoice } from "./tools.ts";

const message = () => z.object({ type: z.literal("message"), role: z.string(), content: content() });

const tagged = once(() =>
  z.discriminatedUnion("type", [
    message(),
    z.object({
      type: z.literal("function_call"),
      name: z.string(),
      arguments: z.string(),
      call_id: z.string().optional(),
      id: z.string().nullish(),
    }),
    z.object({
      type: z.literal("function_call_output"),
      call_id: z.string(),
      output: z.union([z.string(), z.array(contentPart())]),
    }),
    z.object({ type: z.literal("reasoning") }),
    z.object({ type: z.literal("item_reference"), id: z.string() }),
  ]),
);

/** One item of the input; one without a type is a message. */
const inputItem = () =>
  z.preprocess((item) => (isUntagged(item) ? { ...item, type: "message" } : item), tagged());
export type InputItem = z.infer<ReturnType<typeof tagged>>;

function isUntagged(item: unknown): item is object {
  return typeof item === "object" && item !== null && !Object.hasOwn(item, "type");
}

/** Body of `POST /v1/responses` (http.md §11.2). */
export const responsesRequest = once(() =>
  z.object({
    model: z.string().max(255),
    input: z.union([z.string(), z.array(inputItem())]),
    instructions: z.string().nullish(),
    ...sampling(),
    tools: z.array(tool()).max(128).nullish(),
    tool_choice: toolChoice().nullish(),
    max_output_tokens: z.int().positive().nullish(),
    max_tool_calls: z.int().positive().nullish(),
    previous_response_id: z.string().max(255).nullish(),
    store: z.boolean().nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
    reasoning: z.object({ effort: effort().nullish(), summary: z.string().nullish() }).nullish(),
    text: z
      .object({
        format: z
          .discriminatedUnion("type", [
            z.object({ type: z.literal("text") }),
            z.object({ type: z.literal("json_object") }),
            jsonSchemaFormat().extend({ type: z.literal("json_schema") }),
          ])
          .nullish(),
      })
      .nullish(),
  }),
);
export type ResponsesRequest = z.infer<ReturnType<typeof responsesRequest>>;
