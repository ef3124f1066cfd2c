import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "@carapace/files";

const maxEntries = 200;

/** Names this program gives. Any other was given by somebody, and a name can be a secret. */
const ours =
  /^(?:carapace\.json5?|state\.(?:db|key)|gateway-token|device-identity\.json|daemon\.pid|audit|credentials|backups|plugins|media|matrix|\.matrix-rekey|auth_profiles|setup-draft|service)(?:[.-][a-z.-]{1,16})?$/;

/** One entry of the state directory: what it is and who may open it, never what is in it. */
export interface StateEntry {
  /** `(another name)` if it is none of ours. */
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** Octal: `600`. */
  readonly mode: string;
  readonly bytes: number;
  readonly isOwn: boolean;
}

/** Names in the state directory that somebody else gave; none if it cannot be listed. */
export function foreignNames(stateDir: string): readonly string[] {
  try {
    return readdirSync(stateDir).filter((name) => !ours.test(name));
  } catch {
    return [];
  }
}

/** What lies in the state directory, at most 200 entries; a system's error code if it cannot be listed. */
export function stateEntries(stateDir: string): readonly StateEntry[] | string {
  try {
    const names = readdirSync(stateDir).sort();
    return names.slice(0, maxEntries).flatMap((name) => {
      const stats = lstatSync(join(stateDir, name), { throwIfNoEntry: false });
      if (stats === undefined) return [];
      return {
        name: ours.test(name) ? name : "(another name)",
        kind: kindOf(stats),
        mode: (stats.mode & 0o7777).toString(8),
        bytes: stats.size,
        isOwn: stats.uid === process.getuid?.(),
      };
    });
  } catch (fault) {
    return systemCode(fault) ?? "unknown";
  }
}

function kindOf(stats: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): StateEntry["kind"] {
  if (stats.isSymbolicLink()) return "link";
  if (stats.isDirectory()) return "folder";
  return stats.isFile() ? "file" : "other";
}
