import { createSealer, type Sealer } from "@carapace/secrets/envelope";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import { StateError } from "../errors.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { profileDocuments } from "../profiles/profiles.ts";
import { type AuthProfile, authProfile } from "../profiles/types.ts";

/** The password that sealed values are sealed with now, and the one they will be. */
export interface Passwords {
  readonly old: string | undefined;
  readonly next: string;
}

/**
 * Seals the sealed values of all login profiles with another password (state.md §11.1). All or none.
 * @returns how many values. @throws StateError `key_locked` naming the first profile with a value that does not open
 */
export async function resealProfiles(deps: SealedDeps, { old, next }: Passwords): Promise<number> {
  const profiles = profileDocuments(deps);
  const stored = deps.connection.read(() => profiles.list());
  if (!stored.some(hasEnvelope)) return 0;
  if (!old) {
    const say = "The login profiles are sealed: set CARAPACE_CONFIG_PASSWORD to the password in use.";
    throw new StateError("key_locked", say);
  }
  using opener = createSealer(old);
  using sealer = createSealer(next);
  let count = 0;
  const again = async (id: string, text: string) => {
    count++;
    return await reseal({ opener, sealer, id }, text);
  };
  const changed: AuthProfile[] = [];
  for (const profile of stored)
    changed.push(authProfile().parse(await withEnvelopes(profile, (text) => again(profile.id, text))));
  deps.connection.write(() => {
    for (const profile of changed) profiles.save(profile.id, profile);
  });
  return count;
}

interface Resealer {
  readonly opener: Sealer;
  readonly sealer: Sealer;
  readonly id: string;
}

async function reseal({ opener, sealer, id }: Resealer, envelope: string): Promise<string> {
  const opened = await opener.open(envelope);
  if (opened.ok) return await sealer.seal(opened.value);
  const say = `A sealed value of the login profile "${id}" does not open with CARAPACE_CONFIG_PASSWORD: set it to the right password, or remove that profile.`;
  throw new StateError("key_locked", say);
}

function hasEnvelope(value: unknown): boolean {
  if (typeof value === "string") return envelopeKind(value) === "v2";
  return typeof value === "object" && value !== null && Object.values(value).some(hasEnvelope);
}

async function withEnvelopes(value: unknown, change: (text: string) => Promise<string>): Promise<unknown> {
  if (typeof value === "string") return envelopeKind(value) === "v2" ? await change(value) : value;
  if (Array.isArray(value)) return await Promise.all(value.map((entry) => withEnvelopes(entry, change)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(async ([key, entry]) => [
    key,
    await withEnvelopes(entry, change),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
