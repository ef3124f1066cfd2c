import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { CredentialStoreError } from "./error.ts";

/** Asks a credential store something. @returns the answer, or `unavailable` with the sentence of why there is none */
export async function askStore<T>(ask: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await ask());
  } catch (error) {
    if (error instanceof CredentialStoreError) return refuse("unavailable", error.message);
    throw error;
  }
}
