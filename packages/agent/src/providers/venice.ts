import { isRecord } from "@carapace/protocol";
import type { ModelRequest } from "../types.ts";
import { accountParts, configured, mustChoose, readKeyedAccount, setUpText } from "./account.ts";
import type { VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

const names = {
  id: "venice",
  label: "Venice",
  keyVariable: "VENICE_API_KEY",
  urlVariable: "VENICE_BASE_URL",
  path: "venice",
  defaultUrl: "https://api.venice.ai/api",
  allowHttp: false,
} as const;

/** A Venice account; it speaks OpenAI's protocol, and takes parameters of its own. */
export const venice: VendorDefinition = {
  howToSetUp: setUpText({ label: names.label, variable: names.keyVariable, path: "venice.apiKey" }),
  headerTimeoutMs: 120_000,
  read: (source) =>
    configured(readKeyedAccount(source, names), (account) => ({
      create: (deps) =>
        whenAsked(names.id, async () =>
          (await import("./compatible-provider.ts")).createCompatibleProvider(account, deps, extrasOf),
        ),
      fingerprint: accountParts(account),
      defaultModel: () => mustChoose(names.label, "venice:llama-3.3-70b"),
    })),
};

/** Its name for the limit, and the request's extras (agent.md §4.2). */
function extrasOf({ maxTokens, extra }: ModelRequest) {
  return {
    max_completion_tokens: maxTokens,
    ...(isRecord(extra) ? { venice_parameters: extra } : {}),
  };
}
