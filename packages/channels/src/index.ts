export type {
  ActivityContext,
  Channel,
  ChannelCapabilities,
  ChannelInfo,
  DeliveryResult,
  OutboundContext,
  ReportStatus,
  Retryability,
} from "./adapter.ts";
export { createConsole } from "./console/console.ts";
export { createOutbox } from "./outbox/outbox.ts";
export type { Outbox, OutboxDeps, OutboxLimits, OutboxLog } from "./outbox/types.ts";
export { defaultAttempts } from "./outbox/types.ts";
export type { ChannelRegistry, ChannelView } from "./registry/registry.ts";
export { createRegistry } from "./registry/registry.ts";
export type { ChannelStatus } from "./registry/status.ts";
export { guardedPost } from "./webhook/guarded-post.ts";
export type { Post, PostAnswer, PostRequest } from "./webhook/post.ts";
export type { WebhookSettings } from "./webhook/webhook.ts";
export { createWebhook } from "./webhook/webhook.ts";
