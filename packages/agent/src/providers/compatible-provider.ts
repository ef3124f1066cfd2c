import type { ModelRequest, Provider } from "../types.ts";
import type { Account } from "./account.ts";
import { toCallOptions } from "./prompt.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/** What goes into the body besides. */
export type Extras = Readonly<Record<string, NonNullable<ModelRequest["extra"]>>>;

/**
 * A server that speaks OpenAI's Chat Completions (agent.md §4.2, §4.4).
 * @param extras What goes into the body besides; without it the limit is called `max_tokens`.
 */
export function createCompatibleProvider(
  { vendor, key, baseUrl }: Account,
  deps: CallDeps,
  extras?: (request: ModelRequest) => Extras,
): Provider {
  return {
    id: vendor.id,
    complete(request, signal) {
      const options = {
        ...toCallOptions(request, { marksErrors: false }),
        ...(extras === undefined
          ? { maxOutputTokens: request.maxTokens }
          : { providerOptions: { [vendor.id]: { ...extras(request) } } }),
      };
      const open = async (fetch: typeof globalThis.fetch) => {
        const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
        return createOpenAICompatible({
          name: vendor.id,
          baseURL: `${baseUrl}/v1`,
          includeUsage: true,
          fetch,
          ...(key === undefined ? {} : { apiKey: key.reveal() }),
        })(request.model);
      };
      return callVendor({ vendor, request, options, open }, deps, signal);
    },
  };
}
