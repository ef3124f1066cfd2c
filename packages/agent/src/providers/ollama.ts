import { ok, type Result } from "@carapace/protocol";
import { type Account, accountNames, accountParts, configured, readAccount, setUpText } from "./account.ts";
import { find, type ProviderSource, valueAt } from "./settings.ts";
import type { OwnServer, VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

const names = accountNames("ollama");
const section = "providers.ollama";

/** What the owner of an Ollama can do about it. */
export const ownServer: OwnServer = {
  start: "start it with: ollama serve",
  getModel: (model) => `get it with: ollama pull ${model}`,
};

/** An Ollama server; only remote ones ask for a key. */
export const ollama: VendorDefinition = {
  howToSetUp: setUpText(names.label, {
    variables: [`OLLAMA_BASE_URL=${names.defaultUrl}`],
    path: names.baseUrl.path,
  }),
  // A local model may have to be loaded first.
  headerTimeoutMs: 600_000,
  read: (source) =>
    configured(readSettings(source), (account) => ({
      create: (deps) =>
        whenAsked("ollama", async () =>
          (await import("./compatible-provider.ts")).createCompatibleProvider(account, deps),
        ),
      fingerprint: accountParts(account),
      defaultModel: async (nowMs) => (await import("./ollama-models.ts")).firstOllamaModel(account, nowMs),
    })),
};

// Named is set up, be the section empty: it has a usual address.
function readSettings(source: ProviderSource): Result<Account | undefined> {
  const isNamed =
    valueAt(source, section) !== undefined ||
    find(source, names.baseUrl.variables, names.baseUrl.path) !== undefined;
  if (!isNamed) return ok(undefined);
  const account = readAccount(source, names, true);
  if (!account.ok) return account;
  return ok({ ...account.value, vendor: { ...account.value.vendor, ownServer } });
}
