import { rmSync } from "node:fs";
import { join } from "node:path";
import { readPrivate, syncFolder } from "@carapace/files";
import { type CredentialStore, CredentialStoreError } from "@carapace/secrets";
import { accepted } from "../../directory.ts";
import { readCredentials } from "../full/manifest.ts";
import { restoredCredentials } from "../full/walk.ts";

const mostBytes = 16 * 2 ** 20;

/**
 * Puts what a full archive brought into this machine's credential store, also what an earlier process could not: until
 * it is there, it stands in a file of the owner alone.
 * @returns what could not be stored, in words for a person; then the file stays
 */
export async function storeRestoredCredentials(
  dir: string,
  open: () => Promise<{ readonly store: CredentialStore }>,
): Promise<readonly string[]> {
  const path = join(dir, restoredCredentials);
  const bytes = accepted(readPrivate(path, { maxBytes: mostBytes, mode: "refuse" }));
  if (bytes === undefined) return [];
  const { store } = await open();
  const problems: string[] = [];
  for (const [account, value] of Object.entries(readCredentials(bytes))) {
    try {
      await store.set(account, value);
    } catch (error) {
      if (!(error instanceof CredentialStoreError)) throw error;
      problems.push(`${account} is not in the credential store: ${error.message}`);
    }
  }
  if (problems.length > 0) return [...problems, `It stays in ${path} until there is one.`];
  rmSync(path);
  syncFolder(dir);
  return [];
}
