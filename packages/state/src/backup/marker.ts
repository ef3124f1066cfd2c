import { refusedArchive } from "./tar/refusal.ts";

/** The first entry of every archive (state.md §15). */
export const markerName = ".carapace-backup";
export const mostMarkerBytes = 4096;

/** `portable`: sections as the reference writes them. `full`: everything of one state directory, secrets included. */
export type ArchiveKind = "portable" | "full";

export interface Marker {
  readonly kind: ArchiveKind;
  /** `YYYYMMDDTHHMMSSZ`, as the archive says. */
  readonly created: string;
}

/** `20261122T163000Z`, UTC. */
export function stampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

export function encodeMarker({ kind, created }: Marker): Uint8Array {
  const more = kind === "full" ? "kind=full\n" : "";
  return Buffer.from(`carapace-backup v1\ncreated=${created}\n${more}`);
}

/** @throws StateError `bad_archive` for another version or kind, and for what is no marker */
export function readMarker(bytes: Uint8Array): Marker {
  const [title = "", ...lines] = Buffer.from(bytes).toString("latin1").split("\n");
  const version = /^carapace-backup v(\d{1,9})$/.exec(title.trim())?.[1];
  if (version === undefined) throw refusedArchive("is no backup of this program");
  if (version !== "1") throw refusedArchive(`is of version ${version}, this program knows 1`);
  const facts = new Map(
    lines.map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1).trim()]),
  );
  const kind = facts.get("kind") ?? "portable";
  if (kind !== "portable" && kind !== "full") throw refusedArchive("is of a kind this program does not know");
  const created = facts.get("created") ?? "";
  return { kind, created: /^[\w.:+-]{1,40}$/.test(created) ? created : "unknown" };
}
