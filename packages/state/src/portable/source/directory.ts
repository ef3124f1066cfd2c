import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  readSync,
  realpathSync,
} from "node:fs";
import { join } from "node:path";
import { checkPrivate, openPrivate } from "@carapace/files";
import { accepted } from "../../directory.ts";
import { StateError } from "../../errors.ts";
import type { PortableEntry, PortableSource } from "../types.ts";

/** Where a part of the portable layout lies on the disk. */
interface Part {
  /** In the portable layout: a file, or a folder with what is directly in it. */
  readonly path: string;
  readonly real: string;
  readonly isFolder: boolean;
}

export interface DirectoryOptions {
  /** A state directory of the reference, or an unpacked archive. */
  readonly layout: "state" | "archive";
  /** Where the notes are; the reference keeps them outside of its state directory (state.md §14). */
  readonly memoryDir?: string;
}

const chunkBytes = 256 * 1024;
const maxEntries = 1_000_000;

const folders = ["sessions", "sessions/archives"] as const;
const files = [
  "cron/jobs.json",
  "tasks/queue.json",
  "tasks/read_receipts.json",
  "activity/read_receipts.json",
  "exec-approvals.json",
  "device-pairing.json",
  "node-pairing.json",
  "gateways.json",
  "auth_profiles.json",
  "audit.jsonl.1",
  "audit.jsonl",
  "installation_id",
  "matrix/recovery_key",
  "matrix/store_passphrase",
  "matrix/inbound_dlq.jsonl",
  "plugins/plugins-manifest.json",
] as const;

/**
 * The files of a directory in the portable layout. Only names the format knows are looked at, so that this program's own
 * files may lie beside them. Nothing is followed, nothing is changed.
 * @throws StateError if there is no such directory
 */
export function directorySource(dir: string, options: DirectoryOptions): PortableSource {
  const root = existing(dir);
  const parts = partsOf(root, options);
  return {
    name: root,
    entries: async function* () {
      let count = 0;
      for (const part of parts) {
        for (const entry of entriesOf(part)) {
          if (++count > maxEntries) throw new StateError("invalid", `${root} has too many files to read.`);
          yield entry;
        }
      }
    },
    open: (path) => chunksOf(realPath(parts, path)),
  };
}

function existing(dir: string): string {
  try {
    return realpathSync(dir);
  } catch (error) {
    throw new StateError("not_found", `There is no directory ${dir}: check the path.`, { cause: error });
  }
}

function partsOf(root: string, { layout, memoryDir }: DirectoryOptions): Part[] {
  const usage = layout === "state" ? "usage.json" : "usage/usage.json";
  return [
    ...folders.map((path) => ({ path, real: join(root, path), isFolder: true })),
    ...files.map((path) => ({ path, real: join(root, path), isFolder: false })),
    { path: "usage/usage.json", real: join(root, usage), isFolder: false },
    { path: "memory", real: memoryDir ?? join(root, "memory"), isFolder: true },
  ];
}

function* entriesOf(part: Part): Generator<PortableEntry> {
  if (!part.isFolder) {
    const entry = entryOf(part.path, part.real);
    if (entry !== undefined) yield entry;
    return;
  }
  const facts = lstatSync(part.real, { throwIfNoEntry: false });
  if (facts === undefined) return;
  if (!facts.isDirectory()) {
    yield { path: part.path, size: 0, refused: "is not a folder (or a link to one)" };
    return;
  }
  for (const name of namesIn(part.real)) {
    const entry = entryOf(`${part.path}/${name}`, join(part.real, name));
    if (entry !== undefined) yield entry;
  }
}

function namesIn(folder: string): string[] {
  using opened = opendirSync(folder);
  const names: string[] = [];
  for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
    if (!entry.isDirectory()) names.push(entry.name);
  }
  return names.sort();
}

function entryOf(path: string, real: string): PortableEntry | undefined {
  if (parentIsLink(path, real)) return { path, size: 0, refused: "lies behind a symbolic link" };
  const checked = checkPrivate(real, "any");
  if (!checked.ok) return { path, size: 0, refused: checked.why };
  if (checked.value === undefined) return undefined;
  return isReadable(real)
    ? { path, size: checked.value }
    : { path, size: 0, refused: "may not be read by this user" };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

// A file deeper than the root: the folder it lies in must be one.
function parentIsLink(path: string, real: string): boolean {
  if (!path.includes("/")) return false;
  const folder = real.slice(0, real.lastIndexOf("/"));
  return lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function realPath(parts: readonly Part[], path: string): string {
  for (const part of parts) {
    if (!part.isFolder && part.path === path) return part.real;
    const name = path.slice(part.path.length + 1);
    if (part.isFolder && path.startsWith(`${part.path}/`) && name !== "" && !name.includes("/")) {
      return join(part.real, name);
    }
  }
  throw new StateError("invalid", `${path} is no file of the format.`);
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const opened = accepted(openPrivate(path, "any"));
  if (opened === undefined) throw new StateError("not_found", `${path} is gone.`);
  const fd = opened.keep();
  try {
    // What is appended meanwhile belongs to the next reading.
    let left = fstatSync(fd).size;
    while (left > 0) {
      const buffer = Buffer.allocUnsafe(Math.min(left, chunkBytes));
      const read = readSync(fd, buffer, 0, buffer.length, null);
      if (read === 0) return;
      left -= read;
      yield buffer.subarray(0, read);
      // The calls are synchronous: let others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(fd);
  }
}
