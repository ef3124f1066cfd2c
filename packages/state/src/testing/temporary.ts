import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateError } from "../errors.ts";
import { openState } from "../open.ts";
import type { KeyStore, State } from "../types.ts";

/** A key store that forgets with the process. */
export function memoryKeyStore(key?: Uint8Array): KeyStore {
  let stored = key;
  return {
    load: async () => stored,
    create: async (fresh) => {
      if (stored !== undefined) throw new StateError("key_exists", "There is a key already.");
      stored = fresh;
    },
  };
}

export interface TemporaryState extends AsyncDisposable {
  readonly dir: string;
  readonly keys: KeyStore;
  /** The open state; another object after `reopen`. */
  readonly state: State;
  /** Closes the state; `reopen` opens it again. */
  close(): Promise<void>;
  reopen(): Promise<State>;
}

export interface TemporaryOptions {
  /** Ids in the order they are asked for; `crypto.randomUUID` by default. */
  readonly newId?: () => string;
  readonly keys?: KeyStore;
}

/** A state in a directory of its own, which goes when the fixture does. */
export async function temporaryState(options: TemporaryOptions = {}): Promise<TemporaryState> {
  const dir = await mkdtemp(join(tmpdir(), "carapace-state-"));
  const keys = options.keys ?? memoryKeyStore();
  const newId = options.newId ?? (() => crypto.randomUUID());
  const open = () => openState({ dir, keys, newId });
  let state = await open();
  return {
    dir,
    keys,
    get state() {
      return state;
    },
    close: async () => state[Symbol.asyncDispose](),
    reopen: async () => {
      await state[Symbol.asyncDispose]();
      state = await open();
      return state;
    },
    [Symbol.asyncDispose]: async () => {
      await state[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
