import type { Provider } from "../types.ts";
import type { KeyedAccount } from "./account.ts";
import { toCallOptions } from "./prompt.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/** The Messages API (agent.md §4.2, §4.3), with the prompt cache on what stays the same from turn to turn. */
export function createAnthropicProvider(settings: KeyedAccount, deps: CallDeps): Provider {
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
      return callVendor({ vendor, request, options, open }, deps, signal);
    },
  };
}
