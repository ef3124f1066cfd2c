import { accountParts, configured, mustChoose, readKeyedAccount, setUpText } from "./account.ts";
import type { VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

const names = {
  id: "nearai",
  label: "NEAR AI Cloud",
  keyVariable: "NEARAI_API_KEY",
  urlVariable: "NEARAI_BASE_URL",
  path: "nearai",
  defaultUrl: "https://cloud-api.near.ai",
  allowHttp: false,
} as const;

/** An account at NEAR AI Cloud, which speaks OpenAI's protocol. */
export const nearai: VendorDefinition = {
  howToSetUp: setUpText({ label: names.label, variable: names.keyVariable, path: "nearai.apiKey" }),
  headerTimeoutMs: 120_000,
  read: (source) =>
    configured(readKeyedAccount(source, names), (account) => ({
      create: (deps) =>
        whenAsked(names.id, async () =>
          (await import("./compatible-provider.ts")).createCompatibleProvider(account, deps),
        ),
      fingerprint: accountParts(account),
      defaultModel: () => mustChoose(names.label, "nearai:deepseek-ai/DeepSeek-V3.1"),
    })),
};
