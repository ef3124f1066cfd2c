import { closeSync, fstatSync, lstatSync, opendirSync, readSync, type Stats } from "node:fs";
import { join } from "node:path";
import { checkPrivate, openPrivate, readPrivate, systemCode } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

/** A file of a folder, or why it is not to be read. */
export interface FolderFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** A predicate, as in "is a symbolic link". */
  readonly refused?: string;
}

const chunkBytes = 256 * 1024;
const maxNames = 200_000;

/**
 * A folder of the source. Its files are found by their names, never by what another file says; no link is followed,
 * and nothing is changed.
 */
export class SourceFolder {
  /** The real path. */
  readonly dir: string;
  /** As reports tell it: relative to the source, `/` between names, "" for the source itself. */
  readonly shown: string;

  constructor(dir: string, shown = "") {
    this.dir = dir;
    this.shown = shown;
  }

  pathOf(name: string): string {
    return this.shown === "" ? name : `${this.shown}/${name}`;
  }

  /** The folder of this name: undefined if there is none, refused if it is anything else. */
  folder(name: string): Result<SourceFolder | undefined> {
    if (!isPlainName(name)) return refuse("invalid_request", "has a name that is not safe to use");
    const dir = join(this.dir, name);
    const facts = factsOf(dir);
    if (facts === "hidden") return refuse("forbidden", "may not be looked at by this user");
    if (facts === undefined) return ok(undefined);
    if (facts.isSymbolicLink()) return refuse("forbidden", "is a symbolic link, which is not followed");
    if (!facts.isDirectory()) return refuse("invalid_request", "is not a folder");
    return ok(new SourceFolder(dir, this.pathOf(name)));
  }

  /** Names of folders in it, sorted; links are none. @throws if it may not be listed */
  folders(): readonly string[] {
    return this.#names().flatMap(({ name, isFolder }) => (isFolder ? [name] : []));
  }

  /** All that is no folder, sorted by name. @throws if it may not be listed */
  files(): readonly FolderFile[] {
    return this.#names().flatMap(({ name, isFolder }) => {
      const file = isFolder ? undefined : this.file(name);
      return file === undefined ? [] : [file];
    });
  }

  /** @returns undefined if there is no such file */
  file(name: string): FolderFile | undefined {
    if (!isPlainName(name)) return { name, size: 0, refused: "has a name that is not safe to use" };
    const checked = checkPrivate(join(this.dir, name), "any");
    if (!checked.ok) return { name, size: 0, refused: checked.why };
    return checked.value === undefined ? undefined : { name, size: checked.value };
  }

  /** The first `size` bytes of a file: what is appended later belongs to the next reading. @throws if they are not there */
  async *open(name: string, size: number): AsyncGenerator<Uint8Array> {
    const opened = openPrivate(join(this.dir, name), "any");
    if (!opened.ok || opened.value === undefined) throw new Error(opened.ok ? "it is gone" : opened.why);
    const fd = opened.value.keep();
    try {
      if (fstatSync(fd).size < size) throw new Error("it was cut short meanwhile");
      for (let left = size; left > 0; ) {
        const buffer = Buffer.allocUnsafe(Math.min(left, chunkBytes));
        const read = readSync(fd, buffer, 0, buffer.length, null);
        if (read === 0) throw new Error("it was cut short meanwhile");
        left -= read;
        yield buffer.subarray(0, read);
        // The calls are synchronous: let others have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      closeSync(fd);
    }
  }

  /** A file of text, whole. @returns undefined if there is none; refused with a predicate if it cannot be read */
  text(name: string, maxBytes: number): Result<string | undefined> {
    if (!isPlainName(name)) return refuse("invalid_request", "has a name that is not safe to use");
    const read = readPrivate(join(this.dir, name), { maxBytes, mode: "any" });
    if (!read.ok) return refuse("unavailable", read.why);
    if (read.value === undefined) return ok(undefined);
    try {
      return ok(new TextDecoder("utf-8", { fatal: true }).decode(read.value));
    } catch {
      return refuse("invalid_request", "is not UTF-8");
    }
  }

  #names(): { readonly name: string; readonly isFolder: boolean }[] {
    using opened = opendirSync(this.dir);
    const names: { readonly name: string; readonly isFolder: boolean }[] = [];
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      if (names.length >= maxNames) throw new Error(`${this.dir} has too many files to read`);
      names.push({ name: entry.name, isFolder: entry.isDirectory() });
    }
    return names.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
}

function factsOf(path: string): Stats | "hidden" | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return "hidden";
  }
}

function isPlainName(name: string): boolean {
  const isPath = name === "" || name === "." || name === ".." || /[/\\\0]/.test(name);
  return !isPath && name.length <= 255 && name.isWellFormed();
}
