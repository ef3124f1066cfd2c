import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readPrivate, systemCode } from "@carapace/files";

const maxEntries = 200;
const maxKeyBytes = 4096;

/** Names this program gives. Any other was given by somebody, and a name can be a secret. */
const ours =
  /^(?:carapace\.json5?|state\.(?:db|key)|gateway-token|device-identity\.json|daemon\.pid|audit|credentials|backups|plugins|media|matrix|\.matrix-rekey)(?:[.-][a-z.-]{1,16})?$/;

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

/** Where the database's key is (decision 0009): its place and kind, nothing of it. */
export function keyPlace(stateDir: string): string {
  const read = readPrivate(join(stateDir, "state.key"), { maxBytes: maxKeyBytes, mode: "any" });
  if (!read.ok) return `state.key is there, but ${read.problem}`;
  if (read.value === undefined) return "there is no state.key";
  const text = new TextDecoder().decode(read.value);
  if (text.startsWith("store:")) return "in the system's credential store";
  return text.startsWith("enc:") ? "in state.key, sealed with the password" : "in state.key, in clear";
}
