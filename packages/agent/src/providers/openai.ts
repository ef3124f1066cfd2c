import { ok, type Result } from "@carapace/protocol";
import type { ModelEvent, ModelRequest, Provider } from "../types.ts";
import { accountParts, configured, type KeyedAccount, readKeyedAccount, setUpText } from "./account.ts";
import { toCallOptions } from "./prompt.ts";
import { find, headerFrom, type ProviderSource } from "./settings.ts";
import type { Vendor, VendorDefinition } from "./vendor.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

const names = {
  id: "openai",
  label: "OpenAI",
  keyVariable: "OPENAI_API_KEY",
  urlVariable: "OPENAI_BASE_URL",
  path: "openai",
  defaultUrl: "https://api.openai.com",
  allowHttp: false,
} as const;

/** An OpenAI account, or a server that speaks its protocol. */
export const openai: VendorDefinition = {
  howToSetUp: setUpText({ label: names.label, variable: names.keyVariable, path: "openai.apiKey" }),
  headerTimeoutMs: 120_000,
  read: (source) =>
    configured(readSettings(source), (settings) => ({
      create: (deps) => createOpenAIProvider(settings, deps),
      fingerprint: [...accountParts(settings), ...Object.entries(settings.headers).flat()],
      defaultModel: () => ok("openai:gpt-5.5"),
    })),
};

interface OpenAISettings extends KeyedAccount {
  /** `HTTP-Referer`, `X-Title`. */
  readonly headers: Readonly<Record<string, string>>;
}

function readSettings(source: ProviderSource): Result<OpenAISettings | undefined> {
  const account = readKeyedAccount(source, names);
  if (!account.ok) return account;
  if (account.value === undefined) return ok(undefined);
  const referer = headerFrom(find(source, ["OPENAI_HTTP_REFERER"], "openai.httpReferer"));
  if (!referer.ok) return referer;
  const title = headerFrom(find(source, ["OPENAI_X_TITLE", "OPENAI_TITLE"], "openai.title"));
  if (!title.ok) return title;
  const headers = {
    ...(referer.value === undefined ? {} : { "HTTP-Referer": referer.value }),
    ...(title.value === undefined ? {} : { "X-Title": title.value }),
  };
  return ok({ ...account.value, vendor: named(account.value), headers });
}

/** A server of somebody else that speaks OpenAI's protocol must not be called OpenAI in an error. */
function named({ vendor, baseUrl }: KeyedAccount): Vendor {
  const isOpenAI = new URL(baseUrl).hostname.endsWith("openai.com");
  return isOpenAI ? vendor : { ...vendor, label: "The OpenAI-compatible server" };
}

/** The Chat Completions API (agent.md §4.2, §4.4). */
function createOpenAIProvider(settings: OpenAISettings, deps: CallDeps): Provider {
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
