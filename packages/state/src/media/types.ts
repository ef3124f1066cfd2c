/** A stored file: a picture, a recording, a document (state.md §14). */
export interface Media {
  /** UUID. */
  readonly id: string;
  /** `image/png`. */
  readonly mime: string;
  readonly name?: string;
  readonly sizeBytes: number;
  /** Lower-case hex SHA-256 of its bytes. */
  readonly sha256: string;
  /** It goes with this session. */
  readonly sessionId?: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface NewMedia {
  readonly mime: string;
  readonly name?: string;
  readonly sessionId?: string;
  /** How long it is kept. */
  readonly ttlMs: number;
  readonly nowMs: number;
}

/** Files of a limited life, each encrypted with a key of its own; at most 50 MiB each. */
export interface MediaRepository {
  /**
   * Stores what comes; the same bytes for the same session are stored once and live on.
   * @throws StateError `invalid` for more than 50 MiB, `disk_full`, `io`; nothing is left then.
   */
  put(source: AsyncIterable<Uint8Array>, media: NewMedia): Promise<Media>;
  /** @returns undefined if it is not there or its time is over; its bytes throw StateError `corrupt` where they do not verify. */
  open(id: string, nowMs: number): Promise<{ media: Media; bytes: AsyncIterable<Uint8Array> } | undefined>;
  list(): Promise<Media[]>;
  remove(id: string): Promise<boolean>;
  /** Removes what is over, whose session is gone, and files nobody knows. @returns how many files. */
  sweep(nowMs: number): Promise<number>;
}
