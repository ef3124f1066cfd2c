import { ok } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import { accountParts, configured, type KeyedAccount, readKeyedAccount, setUpText } from "./account.ts";
import { toCallOptions } from "./prompt.ts";
import type { VendorDefinition } from "./vendor.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

const names = {
  id: "anthropic",
  label: "Anthropic",
  keyVariable: "ANTHROPIC_API_KEY",
  urlVariable: "ANTHROPIC_BASE_URL",
  path: "anthropic",
  defaultUrl: "https://api.anthropic.com",
  allowHttp: false,
} as const;

/** An Anthropic account. */
export const anthropic: VendorDefinition = {
  howToSetUp: setUpText({ label: names.label, variable: names.keyVariable, path: "anthropic.apiKey" }),
  headerTimeoutMs: 120_000,
  unused: [{ path: "anthropic.authProfile" }],
  read: (source) =>
    configured(readKeyedAccount(source, names), (account) => ({
      create: (deps) => createAnthropicProvider(account, deps),
      fingerprint: accountParts(account),
      defaultModel: () => ok("anthropic:claude-sonnet-4-6"),
    })),
};

/** The Messages API (agent.md §4.2, §4.3), with the prompt cache on what stays the same from turn to turn. */
function createAnthropicProvider(settings: KeyedAccount, deps: CallDeps): Provider {
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
