import type { ConfigStore } from "@carapace/config";
import type { AddressPolicy } from "@carapace/fetch";

/** What the configuration says about addresses that others name (http.md §14). */
export function addressPolicy(
  config: Pick<ConfigStore, "current">,
): Pick<AddressPolicy, "allowTailscale" | "blockedCidrs"> {
  const { allow_tailscale, blocked_cidrs } = config.current().config.plugins.sandbox;
  return { allowTailscale: allow_tailscale, blockedCidrs: blocked_cidrs };
}
