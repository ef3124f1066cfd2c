import { mixOrigins, type Origin, textOf } from "@carapace/protocol";
import type { Compaction, Message, SessionRepository } from "@carapace/state";
import { citeByIds } from "./citations.ts";
import { extractNotes } from "./extract.ts";
import { distinctOrigins, originsOf } from "./origins.ts";
import type { Summarize } from "./summarize.ts";
import { estimateTokens } from "./tokens.ts";
import { type TranscriptLine, transcriptLine } from "./transcript.ts";

const pageSize = 200;

export interface CompactionJob {
  readonly sessions: Pick<SessionRepository, "history" | "compact" | "compaction">;
  readonly sessionId: string;
  /** The last message that the notes stand for. */
  readonly throughSeq: number;
  /** Absent: notes are extracted without a model. Where it fails, they are extracted too. */
  readonly summarize?: Summarize;
  /** How much one summary call may read. */
  readonly chunkTokens: number;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * Stores notes that stand for all messages up to `throughSeq` (agent.md §7.7 *Fix*). The originals stay; the notes cite
 * them by id and carry the labels of everything that went into them.
 * @returns undefined if there was nothing to compact or the signal fired; nothing is stored then.
 * @throws StateError `session_damaged`
 */
export async function compactThrough(job: CompactionJob): Promise<Compaction | undefined> {
  const previous = await job.sessions.compaction(job.sessionId);
  const notes = new Notes(previous, job);
  for (let afterSeq = previous?.throughSeq ?? 0; afterSeq < job.throughSeq; ) {
    const beforeSeq = Math.min(afterSeq + pageSize, job.throughSeq) + 1;
    const range = { afterSeq, beforeSeq, limit: pageSize, intactOnly: true };
    const page = await job.sessions.history(job.sessionId, range);
    for (const message of page) await notes.take(message);
    if (job.signal.aborted) return undefined;
    afterSeq = beforeSeq - 1;
  }
  const summary = await notes.finish();
  if (summary === undefined || job.signal.aborted) return undefined;
  await job.sessions.compact(job.sessionId, summary);
  return summary;
}

/** Gathers messages into chunks and folds each chunk into the notes. */
class Notes {
  readonly #job: CompactionJob;
  #text: string;
  #origins: Origin[];
  #chunk: TranscriptLine[] = [];
  #chunkTokens = 0;
  #count = 0;
  /** Whoever wrote the notes as they stand: the model, or the program by quoting. */
  #writer: "model" | "system";

  constructor(previous: Compaction | undefined, job: CompactionJob) {
    this.#job = job;
    this.#text = textOf(previous?.summary ?? []);
    this.#origins = originsOf(previous?.summary ?? []);
    this.#writer = this.#origins.every(({ kind }) => kind === "model") ? "model" : "system";
  }

  async take(message: Message): Promise<void> {
    const line = transcriptLine(message);
    const tokens = estimateTokens(line.text) + 16;
    if (this.#chunkTokens + tokens > this.#job.chunkTokens && this.#chunk.length > 0) await this.#fold();
    this.#chunk.push(line);
    this.#chunkTokens += tokens;
    this.#count += 1;
    this.#origins = distinctOrigins([...this.#origins, ...line.origins]);
  }

  async finish(): Promise<Compaction | undefined> {
    if (this.#chunk.length > 0) await this.#fold();
    if (this.#count === 0) return undefined;
    return {
      throughSeq: this.#job.throughSeq,
      summary: [{ type: "text", text: this.#text, origin: this.#origin() }],
      messagesCompacted: this.#count,
      createdAtMs: this.#job.nowMs(),
    };
  }

  #origin(): Origin {
    return mixOrigins(this.#writer, this.#origins, "summary");
  }

  async #fold(): Promise<void> {
    const lines = this.#chunk;
    this.#chunk = [];
    this.#chunkTokens = 0;
    if (this.#job.signal.aborted) return;
    const written = await this.#job.summarize?.({ text: this.#text, origin: this.#origin() }, lines);
    this.#writer = written === undefined ? "system" : "model";
    this.#text = citeByIds(written ?? extractNotes(this.#text, lines), this.#text, lines);
  }
}
