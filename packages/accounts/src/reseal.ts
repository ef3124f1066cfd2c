import { configPassword, type Environment, stateDirOf } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import { createSealer, type Sealer } from "@carapace/secrets/envelope";
import { withChange } from "./profile-file/edit.ts";
import { openProfileFile } from "./profile-file/file.ts";
import { profilesText } from "./profile-file/parse.ts";
import type { FileEntry, StoredProfile } from "./profile-file/shape.ts";

/** The file as it is to be written for another password; nobody else changes it until this is disposed of. */
export interface ResealedProfiles extends Disposable {
  /** Its name in the state directory. */
  readonly name: string;
  /** What shall stand in it; undefined if nothing in it is sealed with the password in use. */
  readonly bytes: Uint8Array | undefined;
  /** How many values were sealed anew. */
  readonly count: number;
}

/**
 * Seals what is sealed in the stored sign-ins with another password; writes nothing. What does not open with
 * `CARAPACE_CONFIG_PASSWORD` stays as it is: it could not be used before either.
 */
export async function resealedProfiles(
  env: Environment,
  newPassword: string,
): Promise<Result<ResealedProfiles>> {
  const password = configPassword(env);
  const file = openProfileFile({ stateDir: stateDirOf(env), isSealing: password !== undefined });
  const lock = await file.lock();
  if (!lock.ok) return lock;
  using held = new DisposableStack();
  held.use(lock.value);
  const entries = file.read();
  if (!entries.ok) return entries;
  const made = password === undefined ? unchanged : await resealAll(entries.value, password, newPassword);
  const kept = held.move();
  return ok({ name: file.name, ...made, [Symbol.dispose]: () => kept.dispose() });
}

const unchanged = { bytes: undefined, count: 0 };

async function resealAll(
  entries: readonly FileEntry[],
  password: string,
  newPassword: string,
): Promise<Pick<ResealedProfiles, "bytes" | "count">> {
  using old = createSealer(password);
  using next = createSealer(newPassword);
  const work = { old, next, count: 0 };
  let after = entries;
  for (const { profile } of entries) {
    if (profile !== undefined) after = await resealed(after, profile, work);
  }
  return { bytes: work.count === 0 ? undefined : profilesText(after), count: work.count };
}

interface Work {
  readonly old: Sealer;
  readonly next: Sealer;
  count: number;
}

async function resealed(
  entries: readonly FileEntry[],
  profile: StoredProfile,
  work: Work,
): Promise<readonly FileEntry[]> {
  const again = async (text: string | null | undefined): Promise<string | undefined> => {
    const opened = text ? await work.old.open(text) : undefined;
    if (opened === undefined || !opened.ok) return undefined;
    work.count += 1;
    return await work.next.seal(opened.value);
  };
  const { tokens, oauth_provider_config: application } = profile;
  const access = await again(tokens?.access_token);
  const refresh = await again(tokens?.refresh_token);
  const client = await again(application?.client_secret);
  const token = await again(profile.token);
  return withChange(entries, profile.id, () => ({
    ...(tokens && (access ?? refresh)
      ? {
          tokens: {
            ...tokens,
            ...(access === undefined ? {} : { access_token: access }),
            ...(refresh === undefined ? {} : { refresh_token: refresh }),
          },
        }
      : {}),
    ...(application && client !== undefined
      ? { oauth_provider_config: { ...application, client_secret: client } }
      : {}),
    ...(token === undefined ? {} : { token }),
  }));
}
