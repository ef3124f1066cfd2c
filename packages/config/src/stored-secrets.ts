import type { CredentialStore } from "@carapace/secrets";
import { askStore } from "@carapace/secrets/credential-store";
import { type Secret, secretOf } from "./secret.ts";

/** Where the gateway's own credentials are in the credential store (cli.md §2.2). */
export const gatewayAccounts = {
  token: "gateway:token:default",
  password: "gateway:password:default",
} as const;

/** The gateway's credentials in the credential store, for the gateway and for its callers. */
export interface StoredGatewaySecrets {
  readonly token?: Secret;
  readonly password?: Secret;
  /** Why the store did not answer, in a sentence. */
  readonly trouble?: string;
}

/** Asks the store for those credentials. One that does not answer is no reason to fail: whoever cannot ask has none (cli.md §2.2). */
export async function storedGatewaySecrets(
  store: CredentialStore,
  wanted: readonly ("token" | "password")[],
): Promise<StoredGatewaySecrets> {
  let found: StoredGatewaySecrets = {};
  for (const kind of wanted) {
    const text = await askStore(() => store.get(gatewayAccounts[kind]));
    if (!text.ok) return { ...found, trouble: text.say };
    const secret = secretOf(text.value);
    if (secret !== undefined) found = { ...found, [kind]: secret };
  }
  return found;
}
