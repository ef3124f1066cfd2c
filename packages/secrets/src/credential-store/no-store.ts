import { CredentialStoreError } from "./error.ts";
import type { StoreCalls } from "./store-calls.ts";

/** Holds nothing, and takes nothing (state.md §11.2). */
export function noStoreCalls(why: string): StoreCalls {
  return {
    get: async () => undefined,
    set: async () => {
      throw new CredentialStoreError("store_unavailable", `there is no credential store: ${why}`);
    },
    delete: async () => false,
  };
}
