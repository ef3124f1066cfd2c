const everyBytes = 2 * 2 ** 20;
const everyMs = 50;

/**
 * Passes pieces on and has the collector run every few MiB: the bytes of pieces lie outside of its heap, so that by
 * itself it would let hundreds of MiB of them pile up.
 */
export async function* breathing(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const piece of pieces) {
    passed += piece.length;
    yield piece;
    if (passed < everyBytes) continue;
    passed = 0;
    Bun.gc(true);
  }
}

/** For work in many small steps: has the collector run now and then. @returns to be called after each step */
export function breather(): () => void {
  let lastMs = performance.now();
  return () => {
    if (performance.now() - lastMs < everyMs) return;
    Bun.gc(true);
    lastMs = performance.now();
  };
}

/** Has the collector run while something works that gives way to other work now and then. */
export async function whileBreathing<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => Bun.gc(true), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
