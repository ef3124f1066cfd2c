import type { ModelRequest } from "../types.ts";
import {
  accountNames,
  accountParts,
  configured,
  mustChoose,
  readKeyedAccount,
  setUpText,
} from "./account.ts";
import type { Extras } from "./compatible-provider.ts";
import type { VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

/**
 * A vendor with a key that speaks OpenAI's protocol, and whose models are the owner's to choose.
 * @param extras What its requests hold besides.
 */
export function compatible(
  id: "nearai" | "venice",
  extras?: (request: ModelRequest) => Extras,
): VendorDefinition {
  const names = accountNames(id);
  return {
    howToSetUp: setUpText(names.label, names.key),
    headerTimeoutMs: 120_000,
    read: (source) =>
      configured(readKeyedAccount(source, names), (account) => ({
        create: (deps) =>
          whenAsked(id, async () =>
            (await import("./compatible-provider.ts")).createCompatibleProvider(account, deps, extras),
          ),
        fingerprint: accountParts(account),
        defaultModel: () => mustChoose(names),
      })),
  };
}
