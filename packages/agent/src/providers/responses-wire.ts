import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { isRecord } from "@carapace/protocol";

/**
 * A model of the Responses API whose raw chunks tell reason, usage and errors in the names of Chat Completions, where
 * they are looked for.
 */
export function asResponses(model: LanguageModelV4): LanguageModelV4 {
  const doStream: LanguageModelV4["doStream"] = async (options) => {
    const result = await model.doStream(options);
    return { ...result, stream: result.stream.pipeThrough(translator()) };
  };
  return new Proxy(model, {
    get: (target, name) => (name === "doStream" ? doStream : Reflect.get(target, name, target)),
  });
}

function translator(): TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart> {
  return new TransformStream({
    transform(part, controller) {
      controller.enqueue(part.type === "raw" ? { ...part, rawValue: translated(part.rawValue) } : part);
    },
  });
}

const reasons: Readonly<Record<string, string>> = {
  max_output_tokens: "length",
  content_filter: "content_filter",
};

/** Pure. One event of the Responses API (its last, mostly) as a chunk of Chat Completions. */
function translated(event: unknown): unknown {
  if (!isRecord(event)) return {};
  const response = isRecord(event["response"]) ? event["response"] : {};
  switch (event["type"]) {
    case "error":
      return { error: isRecord(event["error"]) ? event["error"] : event };
    case "response.failed":
      return { error: response["error"] ?? { message: "the response failed" }, ...usageOf(response) };
    case "response.completed":
      return { ...finish("stop"), ...usageOf(response) };
    case "response.incomplete": {
      const details = isRecord(response["incomplete_details"]) ? response["incomplete_details"] : {};
      const reason = reasons[String(details["reason"])] ?? "length";
      return { ...finish(reason), ...usageOf(response) };
    }
    default:
      return {};
  }
}

function finish(reason: string) {
  return { choices: [{ finish_reason: reason }] };
}

function usageOf({ usage }: Readonly<Record<string, unknown>>) {
  if (!isRecord(usage)) return {};
  return {
    usage: {
      prompt_tokens: usage["input_tokens"],
      completion_tokens: usage["output_tokens"],
      prompt_tokens_details: usage["input_tokens_details"],
      completion_tokens_details: usage["output_tokens_details"],
    },
  };
}
