import { ok, type Result } from "@carapace/protocol";
import { type Account, accountParts, configured, readAccount, setUpText } from "./account.ts";
import { find, type ProviderSource, valueAt } from "./settings.ts";
import type { OwnServer, VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

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
      create: (deps) =>
        whenAsked(names.id, async () =>
          (await import("./compatible-provider.ts")).createCompatibleProvider(account, deps),
        ),
      fingerprint: accountParts(account),
      defaultModel: async (nowMs) => (await import("./ollama-models.ts")).firstOllamaModel(account, nowMs),
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
