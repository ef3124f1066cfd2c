import type { CredentialStore } from "@carapace/secrets";
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

/** Asks the store for those credentials; never throws: whoever cannot ask has none (cli.md §2.2). */
export async function storedGatewaySecrets(
  store: CredentialStore,
  wanted: readonly ("token" | "password")[],
): Promise<StoredGatewaySecrets> {
  let found: StoredGatewaySecrets = {};
  try {
    for (const kind of wanted) {
      const secret = secretOf(await store.get(gatewayAccounts[kind]));
      if (secret !== undefined) found = { ...found, [kind]: secret };
    }
    return found;
  } catch (error) {
    return { ...found, trouble: error instanceof Error ? error.message : "the credential store failed" };
  }
}
