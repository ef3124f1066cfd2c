import { CredentialStoreError } from "./error.ts";

/** Everything of ours in a credential store stands under this service (state.md §11.2). */
export const service = "carapace";

/** Asked for to learn whether a store answers; never written (state.md §11.2). */
export const probeAccount = "_health:_check:_test";

/** Where the command line's device identity is kept (cli.md §2.6). */
export const deviceIdentityAccount = "device:cli:identity";

const maxAccountBytes = 64;
const maxValueBytes = 65_536;
// `kind:agentId:id`, or `plugin:<pluginId>:<kind>:<id>`.
const accountShape = /^[\w.@+-]+(?::[\w.@+-]+){2,3}$/;

/** @throws CredentialStoreError `invalid_entry` unless it is `kind:agentId:id` of at most 64 bytes. */
export function checkAccount(account: string): void {
  if (accountShape.test(account) && Buffer.byteLength(account) <= maxAccountBytes) return;
  throw new CredentialStoreError(
    "invalid_entry",
    `an account of the credential store is written kind:agent:id, with at most ${maxAccountBytes} bytes`,
  );
}

/** @throws CredentialStoreError `invalid_entry` for an empty value, one with a NUL, or more than 65,536 bytes. */
export function checkValue(value: string): void {
  // Some stores take an empty value for a deletion, and others end a value at its first NUL.
  if (value === "") throw new CredentialStoreError("invalid_entry", "an empty value cannot be stored");
  if (value.includes("\0"))
    throw new CredentialStoreError("invalid_entry", "a value with a NUL character cannot be stored");
  if (value.length > maxValueBytes || Buffer.byteLength(value) > maxValueBytes)
    throw new CredentialStoreError("invalid_entry", `a value has at most ${maxValueBytes} bytes`);
}
