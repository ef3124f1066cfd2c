import { setupProvider } from "@carapace/config/setup";
import { ok } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import { type Account, accountNames, accountParts, readAccount, setUpText } from "./account.ts";
import { type Credential, freshTokenOf, readProfile } from "./credential.ts";
import type { Found } from "./settings.ts";
import type { ConfiguredVendor, VendorDefinition } from "./vendor.ts";
import type { CallDeps } from "./vendor-call.ts";
import { whenAsked } from "./when-asked.ts";

/** An account, and what proves it. */
export interface ProvenAccount extends Pick<Account, "vendor" | "baseUrl"> {
  readonly credential: Credential;
}

/** A vendor that takes an API key or a stored sign-in; the key goes first (agent.md §3). */
export function keyOrSignIn(
  id: "anthropic" | "gemini",
  load: (account: ProvenAccount, deps: CallDeps) => Promise<Provider>,
): VendorDefinition {
  const names = accountNames(id);
  const { label, key: keySetting, exampleModel } = names;
  const { profile: setting } = setupProvider(id);
  if (setting === undefined) throw new Error(`${id} has no sign-in`);
  const set = (account: Account, prove: (deps: CallDeps) => Credential): ConfiguredVendor => ({
    create: (deps) => whenAsked(id, () => load({ ...account, credential: prove(deps) }, deps)),
    fingerprint: accountParts(account),
    defaultModel: () => ok(exampleModel),
  });
  return {
    howToSetUp: setUpText(label, keySetting),
    headerTimeoutMs: 120_000,
    read(source) {
      const account = readAccount(source, names);
      if (!account.ok) return account;
      const { key } = account.value;
      const profile = readProfile(source, { path: setting.path, label });
      if (key !== undefined) {
        const both = `the API key of ${label} is used, and not the sign-in that ${setting.path} names: remove one of them`;
        const warnings = profile === undefined ? [] : [both];
        return ok({ ...set(account.value, () => ({ kind: "key", key })), warnings });
      }
      if (profile === undefined || "absentBecause" in profile) return ok(profile);
      const token = ({ signIns }: CallDeps) => freshTokenOf(profile, setting.of, signIns);
      return ok(set(signedIn(account.value, profile), (deps) => ({ kind: "token", token: token(deps) })));
    },
  };
}

function signedIn(account: Account, profile: Found): Account {
  const keyName = `the sign-in that ${profile.name} names`;
  return { ...account, vendor: { ...account.vendor, keyName: `${keyName} (${profile.text})` } };
}
