import { closeSync, createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { type DiskSteps, ensureFolder, openPrivate, privateDirectory, systemCode } from "@carapace/files";
import { accepted } from "../directory.ts";
import { StateError } from "../errors.ts";
import { sealedPieceBytes } from "./cipher.ts";

/** The files of `<state>/media`, named by their ids; what stands in them is the caller's business. */
export class MediaFiles {
  readonly #folder: string;
  readonly #steps: DiskSteps;

  constructor(stateDir: string, steps: DiskSteps) {
    this.#folder = join(stateDir, "media");
    this.#steps = steps;
  }

  /** Durable before it returns; nothing is left if it fails. @throws StateError `disk_full`, `io`, or what the source threw */
  async write(id: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    accepted(ensureFolder(this.#folder));
    accepted(privateDirectory(this.#folder));
    const path = join(this.#folder, id);
    const fd = this.#try(() => this.#steps.create(path));
    try {
      for await (const part of source) this.#try(() => this.#steps.write(fd, part));
      this.#try(() => this.#steps.sync(fd));
      this.#try(() => this.#steps.syncFolder(this.#folder));
    } catch (error) {
      this.remove(id);
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  /** @returns undefined if it is not there. @throws StateError `unsafe_path` if what has its name is no file of ours */
  read(id: string): AsyncIterable<Uint8Array> | undefined {
    if (!isName(id)) return undefined;
    const file = accepted(openPrivate(join(this.#folder, id), "refuse"));
    if (file === undefined) return undefined;
    return createReadStream("", { fd: file.keep(), highWaterMark: sealedPieceBytes });
  }

  /** What cannot be the name of a file there is none. @throws StateError `io` */
  remove(id: string): void {
    if (!isName(id)) return;
    try {
      this.#steps.remove(join(this.#folder, id));
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw failed(error);
    }
  }

  /** Gives a file the name of another one, which it replaces. */
  replace(id: string, other: string): void {
    this.#try(() => this.#steps.rename(join(this.#folder, id), join(this.#folder, other)));
    this.#try(() => this.#steps.syncFolder(this.#folder));
  }

  /** The names in the folder. */
  list(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw failed(error);
    }
  }

  #try<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw failed(error);
    }
  }
}

/** Whether this can only name something in the folder itself. */
function isName(id: string): boolean {
  return /^[^/\\\0]{1,255}$/.test(id) && id !== "." && id !== "..";
}

function failed(error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new StateError(
    isFull ? "disk_full" : "io",
    isFull
      ? "The disk is full: a file could not be stored. Make room and send it again."
      : `A file could not be stored or removed (${code}): check the state directory and its disk.`,
  );
}
