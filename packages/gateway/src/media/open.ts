import type { ConfigStore } from "@carapace/config";
import type { AddressPolicy } from "@carapace/fetch";
import type { State } from "@carapace/state";
import { freeBytes } from "../compose/storage.ts";
import { createMediaInbox, type MediaInbox } from "./inbox.ts";

export interface MediaParts {
  readonly state: Pick<State, "media">;
  readonly config: Pick<ConfigStore, "current">;
  readonly stateDir: string;
  readonly nowMs: () => number;
}

/** The gateway's own inbox. Loaded with `await import()` by what takes files: an idle gateway does without the guard. */
export function openMediaInbox({ state, config, stateDir, nowMs }: MediaParts): MediaInbox {
  return createMediaInbox({
    media: state.media,
    nowMs,
    freeBytes: () => freeBytes(stateDir),
    addresses: () => addressPolicy(config),
  });
}

/** What the configuration says about addresses that others name. */
export function addressPolicy(
  config: Pick<ConfigStore, "current">,
): Pick<AddressPolicy, "allowTailscale" | "blockedCidrs"> {
  const { allow_tailscale, blocked_cidrs } = config.current().config.plugins.sandbox;
  return { allowTailscale: allow_tailscale, blockedCidrs: blocked_cidrs };
}
