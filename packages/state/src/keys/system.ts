import type { CredentialStore } from "@carapace/secrets";
import { type StateKeyStore, stateKeys } from "./places.ts";

export interface SystemKeys {
  readonly dir: string;
  /** The process environment, for the credential store. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configuration's password, if one is set. */
  readonly password: string | undefined;
  readonly nowMs: () => number;
}

/** The key of a state directory, with this machine's own credential store; that is opened when it is first needed. */
export function systemStateKeys({ dir, env, password, nowMs }: SystemKeys): StateKeyStore {
  let opened: Promise<CredentialStore> | undefined;
  const store = () => {
    opened ??= import("@carapace/secrets/credential-store").then(({ openCredentialStore }) =>
      openCredentialStore({ env, stateDir: dir, nowMs }),
    );
    return opened;
  };
  return stateKeys({ dir, password, store });
}
