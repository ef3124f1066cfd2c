import { checkAccount, checkValue } from "../credential-store/entry.ts";
import { CredentialStoreError, type CredentialStoreFailureCode } from "../credential-store/error.ts";
import type { CredentialStore } from "../types.ts";

/** A store in memory, which can be made to forget at a restart or to refuse, for tests of what uses a store. */
export interface MemoryStore extends CredentialStore {
  readonly held: Map<string, string>;
  /** What every call is refused with from now on. */
  failure: CredentialStoreFailureCode | undefined;
  /** Called before each call: may throw, as a process that dies there. */
  before: (call: "get" | "set" | "delete") => void;
}

export function memoryStore(facts: Partial<Pick<CredentialStore, "isDurable" | "why">> = {}): MemoryStore {
  const held = new Map<string, string>();
  const enter = (call: "get" | "set" | "delete", account: string): void => {
    store.before(call);
    checkAccount(account);
    if (store.failure !== undefined)
      throw new CredentialStoreError(store.failure, `refused: ${store.failure}`);
  };
  const store: MemoryStore = {
    kind: "secret-service",
    isDurable: true,
    ...facts,
    held,
    failure: undefined,
    before: () => undefined,
    async get(account) {
      enter("get", account);
      return held.get(account);
    },
    async set(account, value) {
      enter("set", account);
      checkValue(value);
      held.set(account, value);
    },
    async delete(account) {
      enter("delete", account);
      return held.delete(account);
    },
  };
  return store;
}
