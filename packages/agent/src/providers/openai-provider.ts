import type { ModelEvent, ModelRequest, Provider } from "../types.ts";
import type { OpenAISettings } from "./openai.ts";
import { toCallOptions } from "./prompt.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/** The Chat Completions API (agent.md §4.2, §4.4). */
export function createOpenAIProvider(settings: OpenAISettings, deps: CallDeps): Provider {
  const { vendor } = settings;
  let limitName: LimitName = "max_completion_tokens";
  const call = (request: ModelRequest, signal: AbortSignal) => {
    const options = {
      ...toCallOptions(request, { marksErrors: false }),
      ...tokenLimit(limitName, request.maxTokens),
    };
    const open = async (fetch: typeof globalThis.fetch) => {
      const { createOpenAI } = await import("@ai-sdk/openai");
      const baseURL = `${settings.baseUrl}/v1`;
      return createOpenAI({ apiKey: settings.key.reveal(), baseURL, headers: settings.headers, fetch }).chat(
        request.model,
      );
    };
    return callVendor({ vendor, request, options, open }, deps, signal);
  };
  return {
    id: vendor.id,
    async *complete(request, signal) {
      for await (const event of call(request, signal)) {
        if (limitName === "max_tokens" || !isLimitUnknown(event)) {
          yield event;
          continue;
        }
        limitName = "max_tokens";
        yield* call(request, signal);
        return;
      }
    },
  };
}

/** OpenAI's name for the limit, and the older one that some compatible servers know alone (agent.md §4.4 *Fix*). */
type LimitName = "max_completion_tokens" | "max_tokens";

function tokenLimit(name: LimitName, maxTokens: number) {
  const openai = { systemMessageMode: "system" } as const;
  // Told to the SDK by its name, as it would call it `max_tokens` for every model it does not know.
  return name === "max_completion_tokens"
    ? { providerOptions: { openai: { ...openai, maxCompletionTokens: maxTokens } } }
    : { providerOptions: { openai }, maxOutputTokens: maxTokens };
}

function isLimitUnknown(event: ModelEvent): boolean {
  return (
    event.kind === "failed" &&
    event.failure.code === "bad_request" &&
    /max_completion_tokens/.test(event.failure.detail ?? "")
  );
}
