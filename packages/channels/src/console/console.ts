import type { Channel, DeliveryResult, OutboundContext } from "../adapter.ts";

export interface ConsoleDeps {
  readonly log: { info(message: string, fields: Readonly<Record<string, unknown>>): void };
  readonly newId: () => string;
}

/** Writes what it is given into the gateway's log: always there, for trying things out (channels.md §7). */
export function createConsole({ log, newId }: ConsoleDeps): Channel {
  const send = async ({ to, text, mediaUrl }: OutboundContext): Promise<DeliveryResult> => {
    log.info("message", { to, text, ...(mediaUrl === undefined ? {} : { mediaUrl }) });
    return { ok: true, messageId: newId() };
  };
  return {
    info: {
      id: "console",
      label: "Console",
      selectionLabel: "Console (log)",
      docsPath: "deliver-messages.md",
      blurb: "Writes messages into the gateway's log.",
      order: 999,
    },
    capabilities: { chatTypes: ["dm"], media: true },
    dedupes: false,
    sendText: send,
    sendMedia: send,
  };
}
