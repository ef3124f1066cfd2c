import { isRecord, ok, type Result, refuse } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import type { Account } from "./account.ts";
import { troubleOf } from "./failures.ts";
import { toCallOptions } from "./prompt.ts";
import { getJson } from "./transport.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/** Ollama through its OpenAI-compatible endpoint (agent.md §4.2). */
export function createOllamaProvider(settings: Account, deps: CallDeps): Provider {
  const { vendor, key, baseUrl } = settings;
  return {
    id: vendor.id,
    complete(request, signal) {
      const options = {
        ...toCallOptions(request, { marksErrors: false }),
        maxOutputTokens: request.maxTokens,
      };
      const open = async (fetch: typeof globalThis.fetch) => {
        const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
        const account = key === undefined ? {} : { apiKey: key.reveal() };
        return createOpenAICompatible({
          name: "ollama",
          baseURL: `${baseUrl}/v1`,
          includeUsage: true,
          fetch,
          ...account,
        })(request.model);
      };
      return callVendor({ vendor, request, options, open }, deps, signal);
    },
  };
}

/** The first model the server has (`GET /api/tags`), as a model string; a refusal if it cannot be asked or has none. */
export async function firstOllamaModel(settings: Account, nowMs: () => number): Promise<Result<string>> {
  const { vendor, key, baseUrl } = settings;
  const headers = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
  try {
    const name = firstName(await getJson(`${baseUrl}/api/tags`, { headers, timeoutMs: tagsTimeoutMs }));
    if (name !== undefined) return ok(`${vendor.id}:${name}`);
    return refuse("missing_model", "Ollama has no model yet: get one with, for example: ollama pull qwen3");
  } catch (error) {
    return refuse("unavailable", troubleOf(error, { vendor, model: "", nowMs: nowMs() }).failure.say);
  }
}

const tagsTimeoutMs = 5000;

function firstName(body: unknown): string | undefined {
  const models = isRecord(body) && Array.isArray(body["models"]) ? body["models"] : [];
  return models
    .map((model: unknown) => (isRecord(model) ? model["name"] : undefined))
    .find((name) => typeof name === "string");
}
