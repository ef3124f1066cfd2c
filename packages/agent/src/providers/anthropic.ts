import { ok } from "@carapace/protocol";
import { type Account, accountParts, readAccount, setUpText, signedIn } from "./account.ts";
import { type Credential, freshTokenOf, readProfile } from "./credential.ts";
import type { Found } from "./settings.ts";
import type { ConfiguredVendor, VendorDefinition } from "./vendor.ts";
import type { CallDeps } from "./vendor-call.ts";
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

const profilePath = "anthropic.authProfile";

/** An Anthropic account, with an API key or a setup token; the key goes first (agent.md §3). */
export const anthropic: VendorDefinition = {
  howToSetUp: setUpText({ label: names.label, variable: names.keyVariable, path: "anthropic.apiKey" }),
  headerTimeoutMs: 120_000,
  read: (source) => {
    const account = readAccount(source, names);
    if (!account.ok) return account;
    const { key } = account.value;
    const profile = readProfile(source, { path: profilePath, label: names.label });
    if (key !== undefined)
      return ok(set(account.value, () => ({ kind: "key", key }), profile === undefined ? [] : [bothAre]));
    if (profile === undefined || "absentBecause" in profile) return ok(profile);
    return ok(set(signedIn(account.value, profile), tokenOf(profile), []));
  },
};

const bothAre = `the API key of Anthropic is used, and not the sign-in that ${profilePath} names: remove one of them`;

function set(
  account: Account,
  credential: (deps: CallDeps) => Credential,
  warnings: readonly string[],
): ConfiguredVendor {
  return {
    create: (deps) =>
      whenAsked(names.id, async () => {
        const { createAnthropicProvider } = await import("./anthropic-provider.ts");
        return createAnthropicProvider({ ...account, credential: credential(deps) }, deps);
      }),
    fingerprint: accountParts(account),
    defaultModel: () => ok("anthropic:claude-sonnet-4-6"),
    warnings,
  };
}

function tokenOf(profile: Found): (deps: CallDeps) => Credential {
  return ({ signIns }) => ({ kind: "token", token: freshTokenOf(profile, "anthropic", signIns) });
}
