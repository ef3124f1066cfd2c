import type { Secret } from "@carapace/config";
import type { Provider } from "../types.ts";
import { type CallDeps, callModel } from "./model-call.ts";
import { toCallOptions } from "./prompt.ts";
import type { Vendor } from "./vendor.ts";

/** An Anthropic account. */
export interface AnthropicSettings {
  readonly vendor: Vendor;
  readonly key: Secret;
  /** Without `/v1` and trailing slash. */
  readonly baseUrl: string;
}

/** The Messages API (agent.md §4.2, §4.3), with the prompt cache on what stays the same from turn to turn. */
export function createAnthropicProvider(settings: AnthropicSettings, deps: CallDeps): Provider {
  const { vendor } = settings;
  return {
    id: vendor.id,
    complete(request, signal) {
      const options = {
        ...toCallOptions(request, {
          marksErrors: true,
          cacheMark: { anthropic: { cacheControl: { type: "ephemeral" } } },
        }),
        maxOutputTokens: request.maxTokens,
        // Fine-grained streaming sends arguments the vendor has not checked; as we pass on whole calls, it gains nothing.
        providerOptions: { anthropic: { toolStreaming: false } },
      };
      const open = async (fetch: typeof globalThis.fetch) => {
        const { createAnthropic } = await import("@ai-sdk/anthropic");
        const account = createAnthropic({
          apiKey: settings.key.reveal(),
          baseURL: `${settings.baseUrl}/v1`,
          fetch,
        });
        return account(request.model);
      };
      return callModel({ vendor, model: request.model, options, open }, deps, signal);
    },
  };
}
