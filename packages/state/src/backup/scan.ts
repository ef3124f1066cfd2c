import type { Archive } from "./archive.ts";
import { type ArchiveKind, markerName, readMarker } from "./marker.ts";
import { sectionOf } from "./sections.ts";
import type { TarEntry } from "./tar/reader.ts";
import { refusedArchive } from "./tar/refusal.ts";

/** What an archive holds, every entry of it judged. */
export interface ArchiveFacts {
  readonly kind: ArchiveKind;
  readonly isEncrypted: boolean;
  /** When it was made, as it says itself. */
  readonly created: string;
  /** Names of its sections in the order they come. */
  readonly sections: readonly string[];
  readonly files: number;
  /** Unpacked. */
  readonly bytes: number;
  /** Metadata files of sessions; of a full archive, whose sessions are in its database, 0. */
  readonly sessions: number;
}

/** Reads an archive to its end and judges all of it; writes nothing. @throws StateError `bad_archive`, `archive_locked` */
export async function scanArchive(archive: Archive, onRead?: (bytes: number) => void): Promise<ArchiveFacts> {
  let kind: ArchiveKind | undefined;
  let created = "";
  const sections = new Set<string>();
  let files = 0;
  let bytes = 0;
  let sessions = 0;
  let configs = 0;
  for await (const entry of archive.entries(onRead)) {
    if (kind === undefined) {
      ({ kind, created } = await markerOf(entry, archive));
      continue;
    }
    sections.add(sectionOf(kind, entry));
    if (kind === "portable" && entry.name.startsWith("config/") && ++configs > 1) {
      throw refusedArchive("holds more than one configuration file");
    }
    bytes += entry.size;
    if (entry.kind === "file") files += 1;
    if (/^sessions\/[^/.][^/]*\.json$/.test(entry.name)) sessions += 1;
  }
  if (kind === undefined) throw refusedArchive("is empty");
  return { kind, isEncrypted: archive.isEncrypted, created, sections: [...sections], files, bytes, sessions };
}

async function markerOf(entry: TarEntry, archive: Archive) {
  if (entry.name !== markerName || entry.kind !== "file") {
    throw refusedArchive("is damaged, or no backup of this program (its first entry is missing)");
  }
  sectionOf("portable", entry);
  const parts: Uint8Array[] = [];
  for await (const piece of entry.body) parts.push(piece);
  const marker = readMarker(Buffer.concat(parts));
  if (marker.kind === "full" && !archive.isEncrypted) {
    throw refusedArchive(
      "says it holds everything, but is not encrypted: this program never writes such a one",
    );
  }
  return marker;
}
