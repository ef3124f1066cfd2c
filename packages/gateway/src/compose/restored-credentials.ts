import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CredentialStore } from "@carapace/secrets";
import { StateError } from "@carapace/state";

export interface RestoredPlaces {
  readonly stateDir: string;
  /** Opened only if a restore left something to store. */
  readonly openStore: () => Promise<CredentialStore>;
  readonly warn: (message: string) => void;
}

/**
 * Puts into the credential store what a restore could not, because it died or there was none: before anything looks
 * for it there. What cannot be stored now stays where it is, and a warning says so.
 */
export async function storeRestored({ stateDir, openStore, warn }: RestoredPlaces): Promise<void> {
  // Looked for by name, so that a start without it reads nothing of backups.
  if (!existsSync(join(stateDir, "restored-credentials.json"))) return;
  const { storeRestoredCredentials } = await import("@carapace/state/backup");
  try {
    const open = async () => ({ store: await openStore() });
    for (const say of await storeRestoredCredentials(stateDir, open)) warn(say);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    warn(`What a restore left in restored-credentials.json is not in the credential store: ${error.message}`);
  }
}
