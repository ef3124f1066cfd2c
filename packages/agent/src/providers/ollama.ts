import { isRecord, ok, type Result, refuse } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import { type Account, accountParts, configured, readAccount, setUpText } from "./account.ts";
import { troubleOf } from "./failures.ts";
import { toCallOptions } from "./prompt.ts";
import { find, type ProviderSource, valueAt } from "./settings.ts";
import { getJson } from "./transport.ts";
import type { OwnServer, VendorDefinition } from "./vendor.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

const names = {
  id: "ollama",
  label: "Ollama",
  keyVariable: "OLLAMA_API_KEY",
  urlVariable: "OLLAMA_BASE_URL",
  path: "providers.ollama",
  defaultUrl: "http://localhost:11434",
  allowHttp: true,
} as const;

const ownServer: OwnServer = {
  start: "start it with: ollama serve",
  getModel: (model) => `get it with: ollama pull ${model}`,
};

/** An Ollama server; only remote ones ask for a key. */
export const ollama: VendorDefinition = {
  howToSetUp: setUpText({
    label: names.label,
    variable: `${names.urlVariable}=${names.defaultUrl}`,
    path: "providers.ollama.baseUrl",
  }),
  // A local model may have to be loaded first.
  headerTimeoutMs: 600_000,
  read: (source) =>
    configured(readSettings(source), (account) => ({
      create: (deps) => createOllamaProvider(account, deps),
      fingerprint: accountParts(account),
      defaultModel: (nowMs) => firstOllamaModel(account, nowMs),
    })),
};

// Named is set up, be the section empty: it has a usual address.
function readSettings(source: ProviderSource): Result<Account | undefined> {
  const isNamed =
    valueAt(source, names.path) !== undefined ||
    find(source, [names.urlVariable], `${names.path}.baseUrl`) !== undefined;
  if (!isNamed) return ok(undefined);
  const account = readAccount(source, names);
  if (!account.ok) return account;
  return ok({ ...account.value, vendor: { ...account.value.vendor, ownServer } });
}

/** Ollama through its OpenAI-compatible endpoint (agent.md §4.2). */
function createOllamaProvider(settings: Account, deps: CallDeps): Provider {
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
async function firstOllamaModel(settings: Account, nowMs: () => number): Promise<Result<string>> {
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
