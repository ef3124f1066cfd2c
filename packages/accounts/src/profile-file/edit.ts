import { isRecord, ok, type Result, refuse } from "@carapace/protocol";
import { type FileEntry, maxProfiles, StoredProfile } from "./shape.ts";

/** What this version can read of the entries. */
export function profilesOf(entries: readonly FileEntry[]): StoredProfile[] {
  return entries.flatMap(({ profile }) => profile ?? []);
}

/** The entry of an id; of two with the same the first counts. */
export function entryOf(
  entries: readonly FileEntry[],
  id: string,
): (FileEntry & { readonly profile: StoredProfile }) | undefined {
  for (const { raw, profile } of entries) if (profile?.id === id) return { raw, profile };
  return undefined;
}

/** With an entry in the place of the one of its id, or at the end; all others as they are. */
export function withEntry(
  entries: readonly FileEntry[],
  profile: StoredProfile,
): Result<readonly FileEntry[]> {
  const present = entryOf(entries, profile.id);
  if (present === undefined && entries.length >= maxProfiles)
    return refuse("conflict", `there are ${maxProfiles} sign-ins already: remove one first`);
  const entry: FileEntry = { raw: profile, profile };
  if (present === undefined) return ok([...entries, entry]);
  return ok(entries.map((one) => (one.raw === present.raw ? entry : one)));
}

/** With some names of an entry set anew, and what else stands in it kept. */
export function withChange(
  entries: readonly FileEntry[],
  id: string,
  change: (profile: StoredProfile) => Partial<StoredProfile>,
): readonly FileEntry[] {
  const present = entryOf(entries, id);
  if (present === undefined) return entries;
  const changes = change(present.profile);
  return entries.map((one) => (one.raw === present.raw ? merged(present, changes) : one));
}

/** What stands in `tokens` and the application besides stays, too. */
function merged({ raw }: FileEntry, changes: Partial<StoredProfile>): FileEntry {
  const before: Readonly<Record<string, unknown>> = isRecord(raw) ? raw : {};
  const after = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    const old = before[name];
    after[name] = isRecord(old) && isRecord(value) ? { ...old, ...value } : value;
  }
  return { raw: after, profile: StoredProfile.parse(after) };
}
