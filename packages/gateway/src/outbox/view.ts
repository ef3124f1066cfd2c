import type { ChannelView } from "@carapace/channels";
import type { MethodResult } from "@carapace/protocol";
import type { OutboxMessage } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";

const maxPreviewChars = 160;

type MessageView = MethodResult<"outbox.list">["messages"][number];
type ListedChannel = MethodResult<"channels.status">["channels"][number];

/** A message as the wire shows it: with the beginning of its text only. */
export function messageView(message: OutboxMessage, channels: readonly ChannelView[]): MessageView {
  const { id, channel, to, status, parts, partsSent, attempts, maxAttempts, createdAtMs, updatedAtMs } =
    message;
  const { nextAttemptAtMs, expiresAtMs, source, receipt, lastError, mayHaveGoneOut } = message;
  const waitsFor = status === "queued" ? faultOf(channels.find((one) => one.id === channel)) : undefined;
  const more = { nextAttemptAtMs, expiresAtMs, receipt, lastError, mayHaveGoneOut, waitsFor };
  const facts = {
    id,
    channel,
    to,
    status,
    partsSent,
    attempts,
    maxAttempts,
    createdAtMs,
    updatedAtMs,
    source,
  };
  return { ...facts, parts: parts.length, preview: previewOf(message), ...definedOnly(more) };
}

function faultOf(channel: ChannelView | undefined): string | undefined {
  if (channel === undefined || channel.status === "connected") return undefined;
  const why = channel.lastError === undefined ? "" : `: ${channel.lastError}`;
  return `the channel ${channel.id} is ${channelIs[channel.status]}${why}`;
}

const channelIs = {
  disconnected: "not connected",
  connecting: "connecting",
  error: "in error",
  paused: "paused",
  logged_out: "logged out until the next start",
} as const satisfies Record<Exclude<ChannelView["status"], "connected">, string>;

function previewOf({ parts }: OutboxMessage): string {
  const texts = parts.map((part) => (part.type === "text" ? part.text : (part.caption ?? "[media]")));
  const line = texts.join(" ").replaceAll(/\s+/g, " ").trim();
  return line.length > maxPreviewChars ? `${line.slice(0, maxPreviewChars - 1).toWellFormed()}…` : line;
}

/** A channel as `channels.status` shows it: its metadata in the reference's spelling (channels.md §1.5). */
export function channelView(view: ChannelView): ListedChannel {
  const { id, name, status, description, lastError, lastConnectedAtMs, changedAtMs } = view;
  const metadata = definedOnly({
    description,
    last_error: lastError,
    last_connected_at: lastConnectedAtMs,
    status_changed_at: changedAtMs,
  });
  return { id, name, status, metadata };
}
