import type { Collector } from "../plan/collector.ts";
import { providerKeys } from "../plan/providers.ts";
import { entriesAt, type TreeObject, valueAt } from "../read/tree.ts";

/**
 * Offers the keys of `agents/main/agent/auth-profiles.json`, where OpenClaw kept them until June 2026 (its pull request
 * 89102 moved them into a database): `{ profiles: { "<provider>:<name>": { type, provider, key } } }`.
 */
export function offerProfiles(tree: TreeObject, where: string, collector: Collector): void {
  for (const [id, profile] of entriesAt(tree, "profiles")) {
    const from = `${where} profiles.${id}`;
    const [type, provider] = [valueAt(profile, "type"), valueAt(profile, "provider")];
    // That of a local server is a stand-in.
    const key = provider === "ollama" ? undefined : providerKeys(provider)?.apiKey;
    if (type !== "api_key") collector.skip(from, "a sign-in: sign in again with cara setup");
    else if (key === undefined) collector.skip(from, "a provider that this program does not have");
    else if (valueAt(profile, "keyRef") !== undefined)
      collector.skip(from, "stands in a store that is not read");
    else collector.offer({ from: `${from}.key`, key, value: valueAt(profile, "key") });
  }
}
