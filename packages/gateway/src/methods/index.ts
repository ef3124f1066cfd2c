import { hookHandlers } from "../hooks/methods.ts";
import { outboxHandlers } from "../outbox/methods.ts";
import type { MethodHandlers } from "../types.ts";
import { auditHandlers } from "./audit.ts";
import { catalogHandlers } from "./catalog.ts";
import { chatHandlers } from "./chat.ts";
import { configHandlers } from "./config.ts";
import { cronHandlers } from "./cron.ts";
import { deviceHandlers } from "./devices.ts";
import { healthHandlers } from "./health.ts";
import { presenceHandlers } from "./presence.ts";
import type { Services } from "./services.ts";
import { sessionArchiveHandlers } from "./session-archives.ts";
import { sessionChangeHandlers } from "./session-changes.ts";
import { sessionReadHandlers } from "./session-reads.ts";
import { sessionUserHandlers } from "./session-users.ts";
import { turnHandlers } from "./turns.ts";
import { usageHandlers } from "./usage.ts";

/** The whole method table, from its families; one that is missing does not compile. */
export function createHandlers(services: Services): MethodHandlers {
  return {
    ...healthHandlers(services),
    ...presenceHandlers(services),
    ...catalogHandlers(services),
    ...outboxHandlers(services),
    ...turnHandlers(services),
    ...chatHandlers(services),
    ...sessionReadHandlers(services),
    ...sessionChangeHandlers(services),
    ...sessionArchiveHandlers(services),
    ...sessionUserHandlers(services),
    ...configHandlers(services),
    ...cronHandlers(services),
    ...deviceHandlers(services),
    ...usageHandlers(services),
    ...auditHandlers(services),
    ...hookHandlers(services),
  };
}
