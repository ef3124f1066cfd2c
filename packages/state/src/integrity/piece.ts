/** A part of the verification: short, so that other work can go on between two of them (20 ms at most). */
export interface Piece {
  /** What cannot be read if SQLite finds it corrupt. */
  readonly name: string;
  /** Inside one read transaction. */
  readonly check: () => void;
}

/** Cuts a list into pieces of at most `size`. */
export function* slices<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
