import { ok, type Result } from "@carapace/protocol";
import { accountParts, configured, type KeyedAccount, readKeyedAccount, setUpText } from "./account.ts";
import type { ProviderSource } from "./settings.ts";
import type { VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

const names = {
  id: "gemini",
  label: "Gemini",
  keyVariable: "GOOGLE_API_KEY",
  urlVariable: "GOOGLE_API_BASE_URL",
  path: "google",
  defaultUrl: "https://generativelanguage.googleapis.com",
  allowHttp: false,
} as const;

/** Google's Gemini API, with an API key. */
export const gemini: VendorDefinition = {
  howToSetUp: setUpText({ label: names.label, variable: names.keyVariable, path: "google.apiKey" }),
  headerTimeoutMs: 120_000,
  unused: [{ path: "google.authProfile" }],
  read: (source) =>
    configured(readSettings(source), (account) => ({
      create: (deps) =>
        whenAsked(names.id, async () => {
          const { createGeminiProvider } = await import("./gemini-provider.ts");
          return createGeminiProvider({ ...account, credential: { kind: "key", key: account.key } }, deps);
        }),
      fingerprint: accountParts(account),
      defaultModel: () => ok("gemini:gemini-flash-latest"),
    })),
};

function readSettings(source: ProviderSource): Result<KeyedAccount | undefined> {
  return readKeyedAccount(source, names);
}
