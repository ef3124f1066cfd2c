import type { ModelRequest } from "../types.ts";
import { toCallOptions } from "./prompt.ts";

/** A request to the Messages API, whoever serves it, with the prompt cache on what stays the same from turn to turn. */
export function anthropicOptions(request: ModelRequest) {
  return {
    ...toCallOptions(request, {
      marksErrors: true,
      cacheMark: { anthropic: { cacheControl: { type: "ephemeral" } } },
    }),
    maxOutputTokens: request.maxTokens,
    // Fine-grained streaming sends arguments the vendor has not checked; as we pass on whole calls, it gains nothing.
    providerOptions: { anthropic: { toolStreaming: false } },
  };
}
