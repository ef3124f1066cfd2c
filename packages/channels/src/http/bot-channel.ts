import type { Channel, DeliveryResult, OutboundContext, ReportStatus } from "../adapter.ts";
import type { Checked } from "./checked-token.ts";
import { terminal } from "./failure.ts";
import { reportCheck } from "./report-check.ts";
import type { Sender } from "./sent.ts";

/** What one vendor's channel has of its own. */
export interface BotChannel extends Omit<Channel, "sendText" | "sendMedia" | "start" | "logout"> {
  /** Asks the vendor whose token it is. */
  readonly check: (signal: AbortSignal) => Promise<Checked>;
  /** Loads what it sends with: called with the first message. */
  readonly load: () => Promise<Sender>;
}

/** A channel that sends with a bot's token: checked at the start, sent with until it is logged out or refused. */
export function botChannel({ check, load, ...facts }: BotChannel): Channel {
  const leaving = new AbortController();
  let isLoggedOut = false;
  let sender: Promise<Sender> | undefined;
  let report: ReportStatus = () => undefined;

  async function send(context: OutboundContext, signal: AbortSignal): Promise<DeliveryResult> {
    if (isLoggedOut) return terminal("the channel is logged out");
    sender ??= load().catch((error: unknown) => {
      sender = undefined;
      throw error;
    });
    const { result, status } = await (await sender).send(context, signal);
    // What waits is kept for a token that is valid, instead of failing one by one.
    if (status === 401 && !result.ok) report("error", result.error);
    return result;
  }

  return {
    ...facts,
    sendText: ({ mediaUrl: _, ...context }, signal) => send(context, signal),
    sendMedia: send,
    async start(given) {
      report = given;
      const checked = await check(leaving.signal);
      if (!leaving.signal.aborted) reportCheck(checked, given);
    },
    stop: () => leaving.abort(),
    async logout() {
      leaving.abort();
      isLoggedOut = true;
      sender = undefined;
    },
  };
}
