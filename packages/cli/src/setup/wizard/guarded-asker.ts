import type { Output } from "../../output/output.ts";
import type { Asker, LineAsk } from "../../prompt/asker.ts";

const looksSecret =
  "That looks like a key or a password, which this question does not ask for: the screen shows it, so press Ctrl-U.";

/** Lines are shown, and kept in the draft: what looks like a secret is no answer to them. */
export function guardedAsker(asker: Asker, out: Output): Asker {
  return {
    ...asker,
    line: (ask) => asker.line(guarded(ask, out)),
    [Symbol.dispose]: () => asker[Symbol.dispose](),
  };
}

function guarded(ask: LineAsk, out: Output): LineAsk {
  if (ask.mayLookSecret) return ask;
  return {
    ...ask,
    check: (text) => (out.withoutSecrets(text) === text ? ask.check?.(text) : looksSecret),
  };
}
