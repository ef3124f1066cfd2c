import { rmSync } from "node:fs";
import { join } from "node:path";
import { isChangeDecided, readPrivate, replaceWhole, syncFolder } from "@carapace/files";
import type { CredentialStore } from "@carapace/secrets";
import { accepted } from "../directory.ts";
import { keyAccount } from "./stored-key.ts";

const maxBytes = 4096;
const idForm = /^[0-9a-f]{32}$/;

/**
 * `state.key.accounts` names the accounts of the credential store that a change of the key touches, one id a line; it
 * is written before the first of them is, so that a process that dies leaves none behind unknown.
 */
function notePath(dir: string): string {
  return join(dir, "state.key.accounts");
}

/** Adds accounts to those that may be left over. @throws StateError; then nothing may be stored */
export function noteAccounts(dir: string, ids: readonly string[]): void {
  const all = [...new Set([...notedAccounts(dir), ...ids])];
  accepted(replaceWhole(notePath(dir), Buffer.from(`${all.join("\n")}\n`), { tag: "key" }));
}

/** The accounts that may be left over; none if there is no such note, or one that nobody of us wrote. */
export function notedAccounts(dir: string): string[] {
  const read = readPrivate(notePath(dir), { maxBytes, mode: "refuse" });
  if (!read.ok || read.value === undefined) return [];
  return new TextDecoder()
    .decode(read.value)
    .split("\n")
    .filter((line) => idForm.test(line));
}

/**
 * Removes from the credential store every noted key but the one in use, and then the note. A store that does not
 * answer now is asked again the next time.
 */
export async function dropLeftovers(
  dir: string,
  { store, inUse }: { readonly store: () => Promise<CredentialStore>; readonly inUse: string | undefined },
): Promise<void> {
  // A change that is decided may lead to another key than the one in use now.
  const ids = isChangeDecided(dir) ? [] : notedAccounts(dir);
  if (ids.length === 0) return;
  try {
    const opened = await store();
    if (!opened.isDurable) return;
    for (const id of ids) if (id !== inUse) await opened.delete(keyAccount(id));
    rmSync(notePath(dir), { force: true });
    syncFolder(dir);
  } catch {
    // Nothing depends on it: the key in use is another one.
  }
}
