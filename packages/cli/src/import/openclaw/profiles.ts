import type { Collector } from "../plan/collector.ts";
import type { TargetKey } from "../plan/settings.ts";
import { entriesAt, type TreeObject, valueAt } from "../read/tree.ts";

const keyOf: Readonly<Record<string, TargetKey>> = {
  anthropic: "anthropic.apiKey",
  openai: "openai.apiKey",
  google: "google.apiKey",
  venice: "venice.apiKey",
  nearai: "nearai.apiKey",
};

/**
 * Offers the keys of `agents/main/agent/auth-profiles.json`, where OpenClaw kept them until June 2026 (its pull request
 * 89102 moved them into a database): `{ profiles: { "<provider>:<name>": { type, provider, key } } }`.
 */
export function offerProfiles(tree: TreeObject, where: string, collector: Collector): void {
  for (const [id, profile] of entriesAt(tree, "profiles")) {
    const from = `${where} profiles.${id}`;
    const [type, provider] = [valueAt(profile, "type"), valueAt(profile, "provider")];
    const key = typeof provider === "string" && Object.hasOwn(keyOf, provider) ? keyOf[provider] : undefined;
    if (type !== "api_key") collector.skip(from, "a sign-in: sign in again with cara setup");
    else if (key === undefined) collector.skip(from, "a provider that this program does not have");
    else if (valueAt(profile, "keyRef") !== undefined)
      collector.skip(from, "stands in a store that is not read");
    else collector.offer({ from: `${from}.key`, key, value: valueAt(profile, "key") });
  }
}
