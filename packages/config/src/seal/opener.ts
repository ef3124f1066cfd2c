import type { Sealer } from "@carapace/secrets/envelope";
import type { Environment, Opener } from "../types.ts";
import { configPassword } from "./password.ts";

/** Opens, and seals, with the owner's password; the keys it derives go with it. */
export interface PasswordOpener extends Opener, Disposable {
  /** What seals with the same password; undefined if there is none. */
  sealer(): Promise<Sealer> | undefined;
}

/** Opens nothing. */
export const closedOpener = {
  why: "the sealed value cannot be opened and counts as not set; set CARAPACE_CONFIG_PASSWORD and restart",
  sealer: () => undefined,
  open: async () => new Map<string, string>(),
  [Symbol.dispose]: () => {},
} as const satisfies PasswordOpener;

const wrong =
  "the sealed value does not open with this CARAPACE_CONFIG_PASSWORD and counts as not set: it was sealed with another password, or is damaged; start with that password, or put the value in anew";

/**
 * Opens with {@link configPassword}. The
 * cryptography loads, and a key is derived, when the first sealed value is met.
 */
export function openerFrom(env: Environment): PasswordOpener {
  const password = configPassword(env);
  return password ? openerWith(password) : closedOpener;
}

/** @param password not empty */
export function openerWith(password: string): PasswordOpener {
  let made: Promise<Sealer> | undefined;
  let isOver = false;
  const sealer = () => {
    made ??= import("@carapace/secrets/envelope").then(({ createSealer }) => {
      const one = createSealer(password);
      if (isOver) one[Symbol.dispose]();
      return one;
    });
    return made;
  };
  return {
    why: wrong,
    sealer,
    open: async (envelopes) => openAll(await sealer(), envelopes),
    [Symbol.dispose]() {
      isOver = true;
      made?.then((one) => one[Symbol.dispose]());
    },
  };
}

async function openAll(sealer: Sealer, envelopes: readonly string[]): Promise<Map<string, string>> {
  const opened = await Promise.all(
    envelopes.map(async (envelope): Promise<[string, string][]> => {
      const one = await sealer.open(envelope);
      return one.ok ? [[envelope, one.value]] : [];
    }),
  );
  return new Map(opened.flat());
}
