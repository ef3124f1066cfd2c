import type { ChannelView } from "@carapace/channels";
import type { MethodResult } from "@carapace/protocol";
import type { OutboxMessage } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";

const maxPreviewChars = 160;

type MessageView = MethodResult<"outbox.list">["messages"][number];
type ListedChannel = MethodResult<"channels.status">["channels"][number];

/** A message as the wire shows it: with the beginning of its text only. */
export function messageView(message: OutboxMessage): MessageView {
  const { id, channel, to, status, parts, partsSent, attempts, maxAttempts, createdAtMs, updatedAtMs } =
    message;
  const { nextAttemptAtMs, expiresAtMs, source, receipt, lastError, mayHaveGoneOut } = message;
  const more = { nextAttemptAtMs, expiresAtMs, receipt, lastError, mayHaveGoneOut };
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
