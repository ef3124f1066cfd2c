import { type Refusal, refuse } from "@carapace/protocol/failures";
import { type EnvelopeKey, importKey, openText, sealText } from "./cipher.ts";
import { type EnvelopeParts, envelopeKind, envelopeParts, nonceBytes, saltBytes } from "./kind.ts";
import { passwordKey } from "./password-key.ts";

/**
 * Why an envelope does not open. `locked`: the password is another one, or the envelope is damaged; nothing can tell
 * which. `malformed`: it is none. `unsupported`: it is of another version.
 */
export type EnvelopeProblem = "locked" | "malformed" | "unsupported";

/** An envelope that does not open. Its `say` holds neither the envelope nor the password. */
export interface EnvelopeRefusal extends Refusal {
  readonly problem: EnvelopeProblem;
}

/** What an envelope holds, or why it does not open. */
export type Opened = { readonly ok: true; readonly value: string } | EnvelopeRefusal;

/**
 * Seals and opens with one password. It keeps the keys it derived, one for each salt, until it is disposed of; keep it
 * no longer than the work it is for. Derivations run one after the other: each takes 64 MiB for a moment.
 */
export interface Sealer extends Disposable {
  /**
   * The `enc:v2` envelope of a text. All of one sealer share one salt, each has a nonce of its own.
   * @throws TypeError for a text with half a surrogate pair, which UTF-8 cannot hold
   */
  seal(text: string, options?: SealOptions): Promise<string>;
  /** Never throws for an envelope, whatever it is. */
  open(envelope: string): Promise<Opened>;
  /** How many keys were derived until now. */
  readonly derivations: number;
}

export interface SealOptions {
  /** An envelope that opened with this sealer: the new one takes its salt, so that one key opens both. */
  readonly like?: string;
}

/** Bytes nobody can guess. */
type Random = (bytes: number) => Uint8Array;

const says: Readonly<Record<EnvelopeProblem, string>> = {
  locked: "the sealed value does not open: it was sealed with another password, or is damaged",
  malformed: "the value begins like a sealed one but is none: put back what stood there",
  unsupported: "the value is sealed in a form this version does not know: use the version that sealed it",
};

/**
 * @param password its UTF-8 bytes, as they are; not empty
 * @param random a fixed one makes the same envelopes again: for tests only
 */
export function createSealer(password: string, random: Random = randomBytes): Sealer {
  if (password === "") throw new TypeError("a sealer needs a password");
  const keys = createKeys(password);
  let own: Uint8Array | undefined;
  return {
    async seal(text, { like } = {}) {
      if (!text.isWellFormed()) throw new TypeError("a text with half a surrogate pair cannot be sealed");
      const parts = like === undefined ? undefined : envelopeParts(like);
      own ??= random(saltBytes);
      const salt = parts ? decoded(parts).salt : own;
      return await sealText(text, { key: await keys.of(salt), salt, nonce: random(nonceBytes) });
    },
    open: (envelope) => openWith(keys, envelope),
    get derivations() {
      return keys.count;
    },
    [Symbol.dispose]: () => keys.forget(),
  };
}

async function openWith(keys: Keys, envelope: string): Promise<Opened> {
  const parts = envelopeParts(envelope);
  if (!parts) return refused(envelopeKind(envelope) === "unsupported" ? "unsupported" : "malformed");
  const { nonce, sealed, salt } = decoded(parts);
  const text = await openText(await keys.of(salt), { nonce, sealed });
  return text === undefined ? refused("locked") : { ok: true, value: text };
}

function refused(problem: EnvelopeProblem): EnvelopeRefusal {
  return { ...refuse(problem === "locked" ? "unauthorized" : "invalid_request", says[problem]), problem };
}

function decoded(parts: EnvelopeParts): Record<keyof EnvelopeParts, Uint8Array> {
  const bytes = (part: string) => new Uint8Array(Buffer.from(part, "base64"));
  return { nonce: bytes(parts.nonce), sealed: bytes(parts.sealed), salt: bytes(parts.salt) };
}

interface Keys {
  of(salt: Uint8Array): Promise<EnvelopeKey>;
  readonly count: number;
  forget(): void;
}

function createKeys(password: string): Keys {
  const known = new Map<string, Promise<EnvelopeKey>>();
  let secret: string | undefined = password;
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  const derive = async (salt: Uint8Array, before: Promise<unknown>) => {
    await before.catch(() => undefined);
    if (secret === undefined) throw new Error("this sealer was disposed of");
    count += 1;
    return await importKey(await passwordKey(secret, salt));
  };
  return {
    of(salt) {
      const name = Buffer.from(salt).toString("base64");
      const present = known.get(name);
      if (present) return present;
      const key = derive(salt, last);
      last = key;
      known.set(name, key);
      // A derivation that failed for want of memory may work the next time.
      key.catch(() => known.delete(name));
      return key;
    },
    get count() {
      return count;
    },
    forget() {
      secret = undefined;
      known.clear();
    },
  };
}

function randomBytes(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
