import type { Secret } from "@carapace/config";
import type { AddressPolicy } from "@carapace/fetch";

/** What a bot's channel is built from. */
export interface BotSettings {
  readonly botToken: Secret;
  /** The vendor's API, or a server of the owner's that speaks it; without a trailing slash. */
  readonly baseUrl: string;
  /** Which addresses media may be fetched from; public ones alone unless told. Asked each time. */
  readonly mediaAddresses?: () => AddressPolicy;
  /** For waits that are given as a date. */
  readonly nowMs?: () => number;
}
