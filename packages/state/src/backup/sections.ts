import { type ArchiveKind, markerName, mostMarkerBytes } from "./marker.ts";
import { refusedArchive } from "./tar/refusal.ts";

const mib = 2 ** 20;

/** The longest history of one session that an archive may hold, in bytes. */
export const mostHistoryBytes = 4096 * mib;

/** What a portable archive may hold, and how large a file of it may be (state.md §2, §15). */
const portable: Readonly<Record<string, number>> = {
  // The reference stops at 256 MiB a session; this program does not.
  sessions: mostHistoryBytes,
  config: 16 * mib,
  memory: 16 * mib,
  cron: 8 * mib,
  tasks: 64 * mib,
  usage: 50 * mib,
};

const metadataBytes = 4 * mib;

/** Everything of a full archive lies below this name. */
const fullRoot = "full";

/** What a full archive may hold, and what it is called to a person. */
const full: Readonly<Record<string, string>> = {
  "manifest.json": "description",
  "credentials.json": "credentials",
  key: "key",
  config: "config",
  files: "files",
  "state.db": "database",
};

/**
 * Pure. Which section an entry belongs to.
 * @throws StateError `bad_archive` for a name that has no place in such an archive, or a file too large for its place
 */
export function sectionOf(
  kind: ArchiveKind,
  entry: { readonly name: string; readonly size: number },
): string {
  const { name, size } = entry;
  if (name === markerName) return within(name, size, mostMarkerBytes);
  const [top = "", second = ""] = name.split("/");
  if (kind === "full") {
    const section = Object.hasOwn(full, second) ? full[second] : undefined;
    if (top !== fullRoot || section === undefined) throw unknown(name);
    return section;
  }
  const most = Object.hasOwn(portable, top) ? portable[top] : undefined;
  if (most === undefined) throw unknown(name);
  within(name, size, isMetadata(name) ? metadataBytes : most);
  return top;
}

function isMetadata(name: string): boolean {
  return /^sessions\/[^/]+\.json$/.test(name);
}

function within(name: string, size: number, most: number): string {
  if (size > most) throw refusedArchive(`holds a file that is too large for what it is (${name})`);
  return name;
}

function unknown(name: string) {
  return refusedArchive(`holds something that is no part of a backup (${name})`);
}
