/** A part that is loaded when it is first asked for: most gateways do without it. */
export interface Lazily<Part> {
  load(): Promise<Part>;
  /** Undefined if nobody asked for it yet. */
  loaded(): Promise<Part> | undefined;
}

/** @param open Asked once, and again after it failed. What it opened is closed by `opened`. */
export function lazily<Part extends Disposable | object>(
  opened: AsyncDisposableStack,
  open: () => Promise<Part>,
): Lazily<Part> {
  let part: Promise<Part> | undefined;
  opened.defer(async () => {
    const known = await part?.catch(() => undefined);
    if (known !== undefined && Symbol.dispose in known) known[Symbol.dispose]();
  });
  return {
    load() {
      part ??= open().catch((error: unknown) => {
        part = undefined;
        throw error;
      });
      return part;
    },
    loaded: () => part,
  };
}
