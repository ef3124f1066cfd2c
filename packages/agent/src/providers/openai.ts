import type { Secret } from "@carapace/config";
import type { Provider } from "../types.ts";
import { type CallDeps, callModel } from "./model-call.ts";
import { toCallOptions } from "./prompt.ts";
import type { Vendor } from "./vendor.ts";

/** An OpenAI account, or a server that speaks its protocol. */
export interface OpenAISettings {
  readonly vendor: Vendor;
  readonly key: Secret;
  /** Without `/v1` and trailing slash. */
  readonly baseUrl: string;
  /** `HTTP-Referer`, `X-Title`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The Chat Completions API (agent.md §4.2, §4.4). */
export function createOpenAIProvider(settings: OpenAISettings, deps: CallDeps): Provider {
  const { vendor } = settings;
  return {
    id: vendor.id,
    complete(request, signal) {
      const options = {
        ...toCallOptions(request, { marksErrors: false }),
        // Named here, for every model: the SDK would call it `max_tokens` for models it does not know.
        providerOptions: { openai: { maxCompletionTokens: request.maxTokens, systemMessageMode: "system" } },
      };
      const open = async (fetch: typeof globalThis.fetch) => {
        const { createOpenAI } = await import("@ai-sdk/openai");
        const baseURL = `${settings.baseUrl}/v1`;
        return createOpenAI({
          apiKey: settings.key.reveal(),
          baseURL,
          headers: settings.headers,
          fetch,
        }).chat(request.model);
      };
      return callModel({ vendor, model: request.model, options, open }, deps, signal);
    },
  };
}
