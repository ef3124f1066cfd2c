import type { StoreCalls } from "../types.ts";
import { CredentialStoreError } from "./error.ts";

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
