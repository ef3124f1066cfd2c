import type { Environment } from "../types.ts";

/**
 * The owner's password, of the process's own environment alone (config.md §11.2); it seals the configuration and, where
 * there is no credential store, the database key. @returns undefined if it is not set or empty
 */
export function configPassword(env: Environment): string | undefined {
  return env["CARAPACE_CONFIG_PASSWORD"] || undefined;
}
