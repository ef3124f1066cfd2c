import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { ReplyWishes } from "../types.ts";

type ReplyOptions = Omit<LanguageModelV4CallOptions, "prompt" | "tools" | "temperature" | "maxOutputTokens">;

/** Pure. What a caller asks of a reply, as an SDK takes it; a choice of tools counts only where there are some. */
export function replyOptions(wishes: ReplyWishes, hasTools: boolean): ReplyOptions {
  const { topP, frequencyPenalty, presencePenalty, seed, stop, effort, json, toolChoice } = wishes;
  return {
    ...(topP === undefined ? {} : { topP }),
    ...(frequencyPenalty === undefined ? {} : { frequencyPenalty }),
    ...(presencePenalty === undefined ? {} : { presencePenalty }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stopSequences: [...stop] }),
    ...(effort === undefined ? {} : { reasoning: effort }),
    ...(json === undefined ? {} : { responseFormat: jsonFormat(json) }),
    ...(toolChoice === undefined || !hasTools ? {} : { toolChoice: choiceOption(toolChoice) }),
  };
}

function jsonFormat({ name, description, schema }: NonNullable<ReplyWishes["json"]>) {
  return {
    type: "json" as const,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { schema: structuredClone(schema) }),
  };
}

function choiceOption(
  choice: NonNullable<ReplyWishes["toolChoice"]>,
): NonNullable<LanguageModelV4CallOptions["toolChoice"]> {
  return typeof choice === "string" ? { type: choice } : { type: "tool", toolName: choice.name };
}
