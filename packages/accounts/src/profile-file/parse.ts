import { ok, parseJson, type Refusal, type Result, refuse } from "@carapace/protocol";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import { z } from "zod";
import { type FileEntry, StoredProfile, secretTextsOf } from "./shape.ts";

const Versioned = z.object({ version: z.literal(2), profiles: z.array(z.unknown()) });

/**
 * Pure. The entries of a file's text (agent.md §15); those this version cannot read come along as they are.
 * @param isSealing whether there is a config password: then a readable secret is refused
 */
export function parseProfiles(
  bytes: Uint8Array,
  { path, isSealing }: { readonly path: string; readonly isSealing: boolean },
): Result<readonly FileEntry[]> {
  const json = parseJson(bytes);
  if (json === undefined) return damaged(path, "is not JSON");
  if (Array.isArray(json)) return damaged(path, "is of the first version, which held no sealed sign-ins");
  const file = Versioned.safeParse(json);
  if (!file.success) return damaged(path, "is not of version 2");
  const entries = file.data.profiles.map(toEntry);
  const open = isSealing ? entries.find(({ profile }) => profile && holdsPlainText(profile)) : undefined;
  return open?.profile ? readable(path, open.profile) : ok(entries);
}

/** The text to write; every entry that was not changed is what stood there. */
export function profilesText(entries: readonly FileEntry[]): Uint8Array {
  const profiles = entries.map(({ raw }) => raw);
  return new TextEncoder().encode(`${JSON.stringify({ version: 2, profiles }, null, 2)}\n`);
}

function toEntry(raw: unknown): FileEntry {
  const read = StoredProfile.safeParse(raw);
  return read.success ? { raw, profile: read.data } : { raw };
}

function holdsPlainText(profile: StoredProfile): boolean {
  return secretTextsOf(profile).some((text) => envelopeKind(text) === "none");
}

function damaged(path: string, why: string): Refusal {
  return refuse("conflict", `${path} ${why}: move it away, and sign in anew`);
}

function readable(path: string, { id }: StoredProfile): Refusal {
  return refuse(
    "conflict",
    `${path} holds the sign-in ${JSON.stringify(id.slice(0, 64))} in clear, though CARAPACE_CONFIG_PASSWORD is set: move the file away, and sign in anew`,
  );
}
