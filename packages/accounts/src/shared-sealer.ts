import { createSealer, type Sealer } from "@carapace/secrets/envelope";

/** How long keys are kept after the last use: a sign-in is opened, renewed and stored within it. */
const idleMs = 2000;

/**
 * Lends one sealer to whoever asks while others still have it, and for a moment after: each new one costs a derivation
 * of 64 MiB. Whoever borrows it gives it back by disposing of it.
 */
export function sharedSealer(password: string): () => Sealer {
  let own: Sealer | undefined;
  let users = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = () => {
    if (users > 0) return;
    own?.[Symbol.dispose]();
    own = undefined;
  };
  return () => {
    clearTimeout(timer);
    own ??= createSealer(password);
    const lent = own;
    users += 1;
    let isLent = true;
    return {
      seal: (text, options) => lent.seal(text, options),
      open: (envelope) => lent.open(envelope),
      get derivations() {
        return lent.derivations;
      },
      [Symbol.dispose]: () => {
        if (!isLent) return;
        isLent = false;
        users -= 1;
        if (users > 0) return;
        timer = setTimeout(forget, idleMs);
        timer.unref();
      },
    };
  };
}
