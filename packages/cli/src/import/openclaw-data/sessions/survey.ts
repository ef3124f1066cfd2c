import { createHash } from "node:crypto";
import { isRecord, parseJson } from "@carapace/protocol";
import { Branches, isInTree, maxEntries } from "./branch.ts";
import { readEntry } from "./entry.ts";
import type { Transcript } from "./source.ts";

/** What a first look at a transcript tells. */
export interface Survey {
  /** Lower-case hex, over its lines: a transcript with the same one has been here. */
  readonly sha256: string;
  /** Lines that belong to the conversation as it stands; undefined: all. */
  readonly active: ReadonlySet<number> | undefined;
  readonly messages: number;
  /** Messages that somebody went back from. */
  readonly abandoned: number;
  readonly media: number;
  /** Kinds that are not known, and how many of each. */
  readonly unknown: ReadonlyMap<string, number>;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** As the conversation calls itself. */
  readonly name: string | undefined;
  /** The last line, if it is not whole JSON: it is being written, or its program died. */
  readonly torn: number | undefined;
}

/** Reads it once from end to end, keeping little. @throws if it cannot be read, or is too long to be kept track of */
export async function survey(transcript: Transcript, signal: AbortSignal): Promise<Survey> {
  const look = new Look();
  for await (const { number, text, why } of transcript.lines()) {
    signal.throwIfAborted();
    look.line(number, text ?? `${why}`, text === undefined ? undefined : parseJson(text));
  }
  return look.result(transcript.active);
}

class Look {
  readonly #hash = createHash("sha256");
  readonly #branches = new Branches();
  readonly #messageLines: number[] = [];
  readonly #unknown = new Map<string, number>();
  #media = 0;
  #firstMs: number | undefined;
  #lastMs: number | undefined;
  #name: string | undefined;
  #torn: number | undefined;

  line(number: number, text: string, json: unknown): void {
    this.#hash.update(`${number} ${text}\n`);
    this.#torn = json === undefined ? number : undefined;
    if (!isRecord(json)) return;
    if (isInTree(json)) this.#branches.add(number, json);
    if (this.#branches.count > maxEntries) throw new Error(`it has more than ${maxEntries} entries`);
    if (json["type"] === "session_info" && typeof json["name"] === "string") this.#name = json["name"];
    this.#entry(number, json);
  }

  #entry(number: number, json: unknown): void {
    const entry = readEntry(json);
    if (entry.kind === "unknown") this.#count(entry.name);
    if (entry.kind !== "message") return;
    const { timeMs, unknown, media, blocks } = entry.message;
    for (const kind of unknown) this.#count(`piece of the type ${kind}`);
    this.#media += media;
    if (blocks.length === 0) return;
    this.#messageLines.push(number);
    this.#firstMs ??= timeMs;
    this.#lastMs = timeMs ?? this.#lastMs;
  }

  #count(kind: string): void {
    const name = kind.slice(0, 64);
    if (this.#unknown.size < 50 || this.#unknown.has(name))
      this.#unknown.set(name, (this.#unknown.get(name) ?? 0) + 1);
  }

  result(known: ReadonlySet<number> | undefined): Survey {
    const active = known ?? this.#branches.active();
    const lines = this.#messageLines;
    const messages = active === undefined ? lines.length : lines.filter((line) => active.has(line)).length;
    return {
      ...{ active, messages, abandoned: lines.length - messages, media: this.#media, unknown: this.#unknown },
      sha256: this.#hash.digest("hex"),
      ...{ firstMs: this.#firstMs, lastMs: this.#lastMs, name: this.#name, torn: this.#torn },
    };
  }
}
