import { closeSync, mkdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DiskSteps } from "@carapace/files";
import { StateError } from "../../errors.ts";
import type { Archive } from "../archive.ts";
import { explained } from "../explained.ts";
import { markerName } from "../marker.ts";
import type { ArchiveFacts } from "../scan.ts";
import { sectionOf } from "../sections.ts";
import { refusedArchive } from "../tar/refusal.ts";

export interface UnpackAsk {
  readonly archive: Archive;
  /** What the first pass found. */
  readonly facts: ArchiveFacts;
  /** An empty folder. */
  readonly into: string;
  readonly steps: DiskSteps;
  /** Told of the packed bytes read so far. */
  readonly onRead?: (bytes: number) => void;
}

/**
 * The second pass over an archive: files (0600) and folders (0700) below a folder of our own, every entry judged again,
 * nothing overwritten, nothing followed. The archive is verified as a whole once more: nothing may be used before this
 * returns. @throws StateError
 */
export async function unpack({ archive, facts, into, steps, onRead }: UnpackAsk): Promise<void> {
  assertRoom(into, facts.bytes);
  let bytes = 0;
  try {
    for await (const entry of archive.entries(onRead)) {
      if (entry.name === markerName) continue;
      sectionOf(facts.kind, entry);
      bytes += entry.size;
      if (bytes > facts.bytes) throw refusedArchive("changed while it was read");
      const path = join(into, ...entry.name.split("/"));
      const folder = entry.kind === "folder" ? path : dirname(path);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (entry.kind === "file") await writeFile(path, entry.body, steps);
    }
  } catch (error) {
    throw explained(into, error);
  }
  if (bytes !== facts.bytes) throw refusedArchive("changed while it was read");
}

async function writeFile(path: string, body: AsyncIterable<Uint8Array>, steps: DiskSteps): Promise<void> {
  const fd = steps.create(path);
  try {
    for await (const piece of body) steps.write(fd, piece);
  } finally {
    closeSync(fd);
  }
}

/** @throws StateError `disk_full` if the disk has less room than the unpacked archive needs */
export function assertRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > bytes) return;
  const need = Math.ceil(bytes / 2 ** 20);
  throw new StateError(
    "disk_full",
    `The disk of ${folder} has too little room (${need} MiB are needed): free some space and try again.`,
  );
}
