import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { refuseSystem } from "@carapace/files";
import type { ArchiveBytes } from "@carapace/secrets";
import { fileError } from "../directory.ts";
import { StateError } from "../errors.ts";
import { breathing } from "./breathing.ts";

const pieceBytes = 256 * 1024;

/** Opens an archive once for all passes over it. @throws StateError `not_found`, `unsafe_path`, `io` */
export function openArchiveFile(path: string): ArchiveBytes & Disposable {
  const fd = open(path);
  const facts = fstatSync(fd);
  if (!facts.isFile()) {
    closeSync(fd);
    throw new StateError("unsafe_path", `${path} is not a regular file: name an archive.`);
  }
  return {
    size: facts.size,
    read: (from, to) => breathing(pieces(path, fd, { from, to })),
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const refused = refuseSystem(path, error, "read");
    if (refused.system !== "ENOENT") throw fileError(refused);
    throw new StateError("not_found", `There is no file ${path}.`);
  }
}

async function* pieces(
  path: string,
  fd: number,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; ) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, to - at));
    let read: number;
    try {
      read = readSync(fd, piece, 0, piece.length, at);
    } catch (error) {
      throw fileError(refuseSystem(path, error, "read"));
    }
    if (read === 0) return;
    at += read;
    yield piece.subarray(0, read);
  }
}
