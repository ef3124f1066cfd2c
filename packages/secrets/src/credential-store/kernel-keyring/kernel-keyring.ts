import type { StoreCalls } from "../../types.ts";
import { probeAccount, service } from "../entry.ts";
import { CredentialStoreError } from "../error.ts";
import { loadSystemCalls, type SystemCall } from "./syscalls.ts";

const sessionKeyring = -3;
const ownUid = -1;
const operation = { getPersistent: 22, search: 10, read: 11, link: 8, invalidate: 21 } as const;
// Not there; expired, revoked or invalidated: gone as well.
const missing = new Set([126, 127, 128]);
const accessDenied = new Set([1, 13]);
const quotaExceeded = 122;
const noSuchCall = 38;
// The kernel's limit for a key of type `user`.
const maxKeyBytes = 32_767;

/**
 * The kernel's keyring of this session and, where the kernel has one, the user's persistent keyring: where the
 * reference keeps its entries on Linux, under the same description (state.md §11.2). Lost when the machine restarts.
 * @returns undefined and why where the kernel does not let us
 */
export async function openKernelKeyring(): Promise<{ calls: StoreCalls } | { why: string }> {
  const call = await loadSystemCalls();
  if (call === undefined) return { why: "the kernel's keyring cannot be reached from here" };
  const keyring = new KernelKeyring(call);
  const probe = keyring.find(probeAccount);
  if ("errno" in probe && !missing.has(probe.errno)) return { why: refusalOf(probe.errno) };
  return {
    calls: {
      get: async (account) => keyring.get(account),
      set: async (account, value) => keyring.set(account, value),
      delete: async (account) => keyring.delete(account),
    },
  };
}

class KernelKeyring {
  readonly #call: SystemCall;

  constructor(call: SystemCall) {
    this.#call = call;
  }

  get(account: string): string | undefined {
    const found = this.find(account);
    if ("errno" in found) return missing.has(found.errno) ? undefined : fail(found.errno);
    // A new session has only the persistent one; found there, it is kept in both, as the reference does.
    this.#keep(found.value);
    let buffer = new Uint8Array(1024);
    for (;;) {
      const read = this.#call("keyctl", operation.read, found.value, buffer, buffer.length);
      if ("errno" in read) return missing.has(read.errno) ? undefined : fail(read.errno);
      const text = read.value <= buffer.length && new TextDecoder().decode(buffer.subarray(0, read.value));
      buffer.fill(0);
      if (text !== false) return text;
      buffer = new Uint8Array(read.value);
    }
  }

  set(account: string, value: string): void {
    // Not a `Buffer`: those share their memory with other texts, and this one is overwritten after use.
    const payload = new TextEncoder().encode(value);
    if (payload.length > maxKeyBytes) {
      const say = `the kernel's keyring takes at most ${maxKeyBytes} bytes: use a Secret Service for this value`;
      throw new CredentialStoreError("invalid_entry", say);
    }
    const [type, description] = names(account);
    // Links the persistent keyring first: a key of this name in there is replaced, not hidden.
    this.#persistent();
    const added = this.#call("add_key", type, description, payload, payload.length, sessionKeyring);
    payload.fill(0);
    if ("errno" in added) fail(added.errno);
    else this.#keep(added.value);
  }

  delete(account: string): boolean {
    const found = this.find(account);
    if ("errno" in found) return missing.has(found.errno) ? false : fail(found.errno);
    const gone = this.#call("keyctl", operation.invalidate, found.value);
    return "errno" in gone ? (missing.has(gone.errno) ? false : fail(gone.errno)) : true;
  }

  find(account: string): ReturnType<SystemCall> {
    this.#persistent();
    return this.#call("keyctl", operation.search, sessionKeyring, ...names(account), 0);
  }

  /** The user's persistent keyring, linked into the session's, which makes its keys findable there. */
  #persistent(): number | undefined {
    const keyring = this.#call("keyctl", operation.getPersistent, ownUid, sessionKeyring);
    return "errno" in keyring ? undefined : keyring.value;
  }

  #keep(key: number): void {
    this.#call("keyctl", operation.link, key, sessionKeyring);
    const persistent = this.#persistent();
    if (persistent !== undefined) this.#call("keyctl", operation.link, key, persistent);
  }
}

/** The type and the description of a key, as the kernel takes them. */
function names(account: string): [Uint8Array, Uint8Array] {
  return [Buffer.from("user\0"), Buffer.from(`keyring-rs:${account}@${service}\0`)];
}

function fail(errno: number): never {
  if (errno === quotaExceeded) {
    throw new CredentialStoreError(
      "store_full",
      "the kernel's keyring is full: its quota for this user is used up",
    );
  }
  const code = accessDenied.has(errno) ? "store_denied" : "store_failed";
  throw new CredentialStoreError(code, refusalOf(errno));
}

function refusalOf(errno: number): string {
  if (errno === noSuchCall) return "this kernel has no keyring";
  if (accessDenied.has(errno)) return "the kernel refuses its keyring to this process";
  return `the kernel's keyring failed (error ${errno})`;
}
