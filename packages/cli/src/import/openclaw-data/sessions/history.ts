import { createHash } from "node:crypto";
import { isRecord, parseJson } from "@carapace/protocol";
import type { NewMessage } from "@carapace/state";
import type { MessageBatch, PortableProblem } from "@carapace/state/portable";
import { stableId } from "../ids.ts";
import { importedModel } from "../origin.ts";
import { problem } from "../problems.ts";
import { readEntry } from "./entry.ts";
import type { SourceSession, TranscriptLine } from "./source.ts";
import type { Survey } from "./survey.ts";

const maxBatchMessages = 500;
const maxBatchLength = 1024 * 1024;

export interface HistoryReading {
  readonly session: SourceSession;
  readonly survey: Survey;
  readonly nowMs: number;
}

/** Streams a conversation's messages in batches. @throws if it is no longer what the survey saw */
export async function* readHistory({ session, survey, nowMs }: HistoryReading): AsyncGenerator<MessageBatch> {
  const { transcript } = session;
  const hash = createHash("sha256");
  const reader = new LineReader(session, survey, nowMs);
  let batch = new Batch();
  for await (const line of transcript.lines()) {
    hash.update(`${line.number} ${line.text ?? line.why}\n`);
    batch.add(reader.read(line), line.text?.length ?? 0);
    if (!batch.isFull()) continue;
    yield batch;
    batch = new Batch();
  }
  if (!batch.isEmpty()) yield batch;
  if (hash.digest("hex") === survey.sha256) return;
  throw new Error("it changed while it was read: stop what writes it, then try again");
}

class Batch implements MessageBatch {
  readonly messages: NewMessage[] = [];
  readonly events = [];
  readonly problems: PortableProblem[] = [];
  #length = 0;

  add(read: NewMessage | PortableProblem | undefined, length: number): void {
    this.#length += length;
    if (read === undefined) return;
    if ("kind" in read) this.problems.push(read);
    else this.messages.push(read);
  }

  isFull(): boolean {
    return this.messages.length >= maxBatchMessages || this.#length >= maxBatchLength;
  }

  isEmpty(): boolean {
    return this.messages.length + this.problems.length === 0;
  }
}

class LineReader {
  readonly #session: SourceSession;
  readonly #survey: Survey;
  readonly #nowMs: number;
  #lastMs: number;

  constructor(session: SourceSession, survey: Survey, nowMs: number) {
    this.#session = session;
    this.#survey = survey;
    this.#nowMs = nowMs;
    this.#lastMs = pastTime(session.createdAtMs ?? survey.firstMs, nowMs, nowMs);
  }

  /** @returns undefined for what is no message, or on a branch that was left */
  read({ number, text, why }: TranscriptLine): NewMessage | PortableProblem | undefined {
    if (text === undefined) return this.#corrupt(number, `The line ${why ?? "cannot be read"}.`);
    const json = parseJson(text);
    if (json === undefined) {
      const isTorn = this.#survey.torn === number;
      return this.#corrupt(number, isTorn ? "The last line is not whole." : "The line is not JSON.");
    }
    const { active } = this.#survey;
    if (active !== undefined && !active.has(number)) return undefined;
    const entry = readEntry(json);
    if (entry.kind === "bad") return this.#corrupt(number, entry.say);
    if (entry.kind !== "message" || entry.message.blocks.length === 0) return undefined;
    const { role, blocks, timeMs, tokens, hasCalls } = entry.message;
    this.#lastMs = pastTime(timeMs, this.#lastMs, this.#nowMs);
    return {
      ...{ id: this.#idOf(number, json), role, blocks, createdAtMs: this.#lastMs },
      ...(tokens === undefined ? {} : { tokens }),
      ...(hasCalls ? { metadata: { callOrigin: importedModel } } : {}),
    };
  }

  #idOf(number: number, json: unknown): string {
    const { agentId, id } = this.#session;
    const own = isRecord(json) ? json["id"] : undefined;
    return stableId("message", agentId, id, typeof own === "string" && own !== "" ? own : `line ${number}`);
  }

  #corrupt(line: number, say: string): PortableProblem {
    return problem("corrupt", { store: "sessions", path: this.#session.transcript.path, line }, say);
  }
}

/** Pure. A time that can have been: of one before 1970 or still to come, the next best. */
export function pastTime(timeMs: number | undefined, otherwise: number, nowMs: number): number {
  return timeMs === undefined || timeMs < 0 || timeMs > nowMs ? Math.min(otherwise, nowMs) : timeMs;
}
