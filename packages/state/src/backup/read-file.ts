import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { refuseSystem } from "@carapace/files";
import { fileError } from "../directory.ts";
import { StateError } from "../errors.ts";
import type { TarFile } from "./tar/writer.ts";

const pieceBytes = 256 * 1024;

/**
 * A file of the disk as an entry, with the size it has now: what is appended meanwhile belongs to the next backup.
 * @returns undefined if it is gone, no regular file, or a link
 */
export function fileEntry(path: string, name: string): TarFile | undefined {
  const fd = openUnfollowed(path);
  if (fd === undefined) return undefined;
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) return undefined;
    return { name, size: facts.size, modifiedMs: facts.mtimeMs, body: pieces(path, facts.size) };
  } finally {
    closeSync(fd);
  }
}

function openUnfollowed(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const refused = refuseSystem(path, error, "read");
    if (refused.problem === "link" || refused.system === "ENOENT" || refused.system === "ENXIO")
      return undefined;
    throw fileError(refused);
  }
}

/** Opened only when its turn comes: there may be more files than a process may hold open. */
async function* pieces(path: string, size: number): AsyncGenerator<Uint8Array> {
  const fd = openUnfollowed(path);
  try {
    for (let left = size; left > 0; ) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, left));
      const read = fd === undefined ? 0 : readSync(fd, piece, 0, piece.length, null);
      if (read === 0) throw new StateError("busy", `${path} changed while it was read: try again.`);
      left -= read;
      yield piece.subarray(0, read);
    }
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
