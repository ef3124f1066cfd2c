/** The source failed, not the state: the next file may still be read. */
class SourceFault extends Error {}

export function isSourceFault(error: unknown): error is Error {
  return error instanceof SourceFault;
}

/** Marks what a source throws, so that it is told apart from what goes wrong while its items are stored. */
export async function* tolerant<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (cause) {
    throw new SourceFault(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
