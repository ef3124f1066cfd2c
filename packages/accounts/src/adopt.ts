import { configPassword, type Environment, stateDirOf } from "@carapace/config";
import { ok, type Result } from "@carapace/protocol";
import { entryOf } from "./profile-file/edit.ts";
import { openProfileFile } from "./profile-file/file.ts";
import { maxProfiles } from "./profile-file/shape.ts";

/**
 * Takes over the sign-ins of another state directory, sealed as they are: they open with the password they were stored
 * with. Those that are here already stay; what cannot be read is left behind.
 * @returns how many came
 */
export async function adoptProfiles(env: Environment, otherDir: string): Promise<Result<number>> {
  const isSealing = configPassword(env) !== undefined;
  const other = openProfileFile({ stateDir: otherDir, isSealing, isForeign: true }).read();
  if (!other.ok) return other;
  if (other.value.length === 0) return ok(0);
  let count = 0;
  const file = openProfileFile({ stateDir: stateDirOf(env), isSealing });
  const changed = await file.change((entries) => {
    const isNew = ({ profile }: (typeof entries)[number]) =>
      profile !== undefined && entryOf(entries, profile.id) === undefined;
    const coming = other.value.filter(isNew).slice(0, Math.max(0, maxProfiles - entries.length));
    count = coming.length;
    return ok(count === 0 ? entries : [...entries, ...coming]);
  });
  return changed.ok ? ok(count) : changed;
}
