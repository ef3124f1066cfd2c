import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import type { CredentialStore } from "@carapace/secrets";
import { askStore, deviceIdentityAccount } from "@carapace/secrets/credential-store";
import { type KeptIdentity, readStoredIdentity, type StoredIdentity } from "./device-identity.ts";

/** What the store did not do, in its own words. */
export interface StoreTrouble {
  readonly trouble: string;
}

/**
 * The identity in the store.
 * @returns undefined if it holds none; what kept it from answering; or `invalid_request` for what is no sound identity
 */
export async function readIdentityInStore(
  store: CredentialStore,
): Promise<Result<KeptIdentity | undefined> | StoreTrouble> {
  const text = await askStore(() => store.get(deviceIdentityAccount));
  if (!text.ok) return { trouble: text.say };
  if (text.value === undefined) return ok(undefined);
  const identity = readStoredIdentity(text.value);
  return identity.ok ? identity : unusable(identity.say);
}

/** Stores the identity and reads it back: only then may a file with it go. @returns what went wrong, if anything */
export async function writeIdentityToStore(
  store: CredentialStore,
  stored: StoredIdentity,
): Promise<StoreTrouble | undefined> {
  const text = JSON.stringify(stored);
  const kept = await askStore(async () => {
    await store.set(deviceIdentityAccount, text);
    return await store.get(deviceIdentityAccount);
  });
  if (!kept.ok) return { trouble: kept.say };
  return kept.value === text ? undefined : { trouble: "it gave back something else than was stored" };
}

function unusable(why: string): Refusal {
  return refuse(
    "invalid_request",
    `The device identity in the credential store cannot be used: ${why}. ` +
      `Run cara secrets rm ${deviceIdentityAccount} to get a new one, and pair again.`,
  );
}
