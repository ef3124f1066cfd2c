/** One line of a transcript: its JSON, or why it cannot be had. */
export interface TranscriptLine {
  /** From 1 in a file; the sequence number in a database. */
  readonly number: number;
  readonly text?: string;
  /** A predicate, as in "is too long". */
  readonly why?: string;
}

/** A transcript, wherever it lies. */
export interface Transcript {
  /** As reports and the log of imports name it. */
  readonly path: string;
  /** In order; the same ones each time, unless somebody writes there. @throws if it cannot be read */
  lines(): AsyncIterable<TranscriptLine>;
  /** The lines that make up the conversation as it stands, if the source says. */
  readonly active?: ReadonlySet<number>;
}

/** A conversation of one agent, as its place and its index tell of it. */
export interface SourceSession {
  /** The source's own id. */
  readonly id: string;
  readonly agentId: string;
  /** The source's own key, such as `agent:main:main`. */
  readonly key?: string;
  readonly name?: string;
  readonly createdAtMs?: number;
  readonly updatedAtMs?: number;
  readonly transcript: Transcript;
}
