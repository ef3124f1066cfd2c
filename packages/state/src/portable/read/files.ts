import { createHash } from "node:crypto";
import { FileMacs } from "../crypto/sidecar.ts";
import { isSafePath } from "../paths.ts";
import type { PortableEntry, PortableProblem, PortableSource, PortableStore } from "../types.ts";
import { decoded } from "./lines.ts";

/** A file read whole. */
export interface WholeFile {
  readonly text: string;
  readonly sha256: string;
  readonly macs: FileMacs;
}

/** What a file that was streamed by turned out to be. */
export interface Fingerprint {
  readonly sha256: string;
  readonly macs: FileMacs;
}

/** The files of a source: looked up by path, bounded before they are read. */
export class SourceFiles {
  readonly #source: PortableSource;
  readonly #entries = new Map<string, PortableEntry>();
  readonly #signal: AbortSignal | undefined;
  /** Names that are not safe to use, and what was refused. */
  readonly problems: PortableProblem[] = [];

  private constructor(source: PortableSource, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  static async list(source: PortableSource, signal?: AbortSignal): Promise<SourceFiles> {
    const files = new SourceFiles(source, signal);
    for await (const entry of source.entries()) files.#take(entry);
    return files;
  }

  #take(entry: PortableEntry): void {
    const path = entry.path;
    const refuse = (say: string) =>
      this.problems.push({ kind: "problem", state: "skipped", store: "other", path, say });
    if (!isSafePath(path)) refuse("The name is not safe to use.");
    else if (this.#entries.has(path)) refuse("The name is there twice; the first one counts.");
    else this.#entries.set(path, entry);
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** In order, so that every run goes the same way. */
  paths(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** @returns a problem if the file cannot be read within the limit; undefined if it can. */
  refusal(path: string, limit: number, store: PortableStore): PortableProblem | undefined {
    const entry = this.#entries.get(path);
    const corrupt = (say: string): PortableProblem => ({
      kind: "problem",
      state: "corrupt",
      store,
      path,
      say,
    });
    if (entry === undefined) return corrupt("The file is not there.");
    if (entry.refused !== undefined) return { ...corrupt(`The file ${entry.refused}.`), state: "skipped" };
    return entry.size > limit ? corrupt(`The file is larger than ${limit} bytes.`) : undefined;
  }

  async *open(path: string, limit: number): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of this.#source.open(path)) {
      this.#signal?.throwIfAborted();
      size += chunk.length;
      if (size > limit) throw new Error(`${path} is larger than ${limit} bytes`);
      yield chunk;
    }
  }

  /** @returns undefined if it is not UTF-8 */
  async whole(
    path: string,
    limit: number,
    macKeys: readonly Uint8Array[] = [],
  ): Promise<WholeFile | undefined> {
    const hash = createHash("sha256");
    const macs = new FileMacs(macKeys);
    const parts: Uint8Array[] = [];
    for await (const chunk of this.open(path, limit)) {
      hash.update(chunk);
      macs.update(chunk);
      parts.push(chunk.slice());
    }
    const text = decoded(Buffer.concat(parts));
    return text === undefined ? undefined : { text, sha256: hash.digest("hex"), macs };
  }

  async fingerprint(path: string, limit: number, macKeys: readonly Uint8Array[]): Promise<Fingerprint> {
    const hash = createHash("sha256");
    const macs = new FileMacs(macKeys);
    for await (const chunk of this.open(path, limit)) {
      hash.update(chunk);
      macs.update(chunk);
    }
    return { sha256: hash.digest("hex"), macs };
  }
}
