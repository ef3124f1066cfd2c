export type { Channel } from "./adapter.ts";
export { createConsole } from "./console/console.ts";
export { createOutbox } from "./outbox/outbox.ts";
export type { Outbox } from "./outbox/types.ts";
export { defaultAttempts } from "./outbox/types.ts";
export type { ChannelRegistry, ChannelView } from "./registry/registry.ts";
export { createRegistry } from "./registry/registry.ts";
