import type { ChannelStatus } from "@carapace/protocol";

/** What a channel says of itself (channels.md §1.2). Channels are listed by `order`. */
interface ChannelInfo {
  readonly id: string;
  readonly label: string;
  readonly selectionLabel: string;
  readonly docsPath: string;
  readonly blurb: string;
  readonly order: number;
}

/** What a channel can do (channels.md §1.1); what it does not name it cannot. */
interface ChannelCapabilities {
  readonly chatTypes: readonly ("dm" | "group" | "channel" | "thread")[];
  readonly media?: boolean;
  readonly reply?: boolean;
  readonly threads?: boolean;
  readonly typingIndicators?: boolean;
  readonly readReceipts?: boolean;
}

/** One piece of a message, as a channel is asked to send it. */
export interface OutboundContext {
  /** Who gets it, as the channel names it. */
  readonly to: string;
  /** With media: its caption, which may be empty. */
  readonly text: string;
  readonly mediaUrl?: string;
  readonly mimeType?: string;
  readonly replyToId?: string;
  readonly threadId?: string;
  /** The same in every attempt at this piece: what the receiver can tell a repetition by. */
  readonly idempotencyKey: string;
}

/** Whom typing is shown to, and whose message was read. */
interface ActivityContext {
  readonly to: string;
  readonly threadId?: string;
  readonly messageId?: string;
}

type Retryability =
  | { readonly kind: "terminal" }
  /** The same may succeed later; not before `retryAfterMs` if the other side says so. */
  | { readonly kind: "transient"; readonly retryAfterMs?: number };

/** What became of one piece (channels.md §1.2). */
export type DeliveryResult =
  | { readonly ok: true; readonly messageId?: string; readonly conversationId?: string }
  | {
      readonly ok: false;
      /** For a person: no address, no secret, nothing of the message. */
      readonly error: string;
      readonly retryability: Retryability;
      /** The other side may have it nevertheless: the connection broke after it was sent, say. */
      readonly mayHaveArrived?: boolean;
    };

/** Tells the registry how the channel is. */
export type ReportStatus = (status: ChannelStatus, error?: string) => void;

/** A channel: the one shape of all of them. */
export interface Channel {
  readonly info: ChannelInfo;
  readonly capabilities: ChannelCapabilities;
  /**
   * The receiver drops a repeated delivery with the same key. Without it, a message of which nobody knows whether it
   * went out is not sent again by itself.
   */
  readonly dedupes: boolean;
  /** How long the receiver knows a key, if not for good: after that nothing is repeated that may have arrived. */
  readonly dedupesForMs?: number;
  /** UTF-16 units of one text; a longer one is split before it is sent. */
  readonly maxTextChars?: number;
  /** UTF-16 units beside media; of a longer caption the rest follows as text. */
  readonly maxCaptionChars?: number;
  /** Contract: failures are returned. What is thrown counts as terminal. */
  sendText(context: OutboundContext, signal: AbortSignal): Promise<DeliveryResult>;
  /** Without a `mediaUrl` the same as `sendText`. */
  sendMedia(context: OutboundContext, signal: AbortSignal): Promise<DeliveryResult>;
  /** Connects. Without it, the channel is connected from the beginning. */
  start?(report: ReportStatus): Promise<void>;
  /** The gateway ends: calls off what `start` began. What is being sent is for the outbox to end. */
  stop?(): void;
  /** Stops, and forgets its credentials. */
  logout?(): Promise<void>;
  startTyping?(context: ActivityContext): Promise<void>;
  stopTyping?(context: ActivityContext): Promise<void>;
  markRead?(context: ActivityContext): Promise<void>;
}
