import type { Accounts } from "@carapace/accounts";
import { once } from "@carapace/protocol";
import type { World } from "../types.ts";

/** The stored sign-ins, one for the whole gateway: an idle one, and one with API keys, need not hold them. */
export type SignIns = () => Promise<Accounts>;

export function signInsOf({ env, nowMs }: World): SignIns {
  return once(async () => {
    const { openAccounts } = await import("@carapace/accounts");
    return openAccounts({ env, nowMs });
  });
}
