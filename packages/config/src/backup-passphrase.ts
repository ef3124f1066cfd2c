import { Secret } from "./secret.ts";
import type { Environment } from "./types.ts";

/** `CARAPACE_BACKUP_PASSPHRASE` of the process's own environment, as it is; empty counts as unset (cli.md §3.9). */
export function backupPassphrase(env: Environment): Secret | undefined {
  const text = env["CARAPACE_BACKUP_PASSPHRASE"];
  return text ? new Secret(text) : undefined;
}
