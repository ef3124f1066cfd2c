import { ok } from "@carapace/protocol";
import { accountParts, configured, readKeyedAccount, setUpText } from "./account.ts";
import type { VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

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
      create: (deps) =>
        whenAsked(names.id, async () =>
          (await import("./anthropic-provider.ts")).createAnthropicProvider(account, deps),
        ),
      fingerprint: accountParts(account),
      defaultModel: () => ok("anthropic:claude-sonnet-4-6"),
    })),
};
