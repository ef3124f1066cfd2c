import type { MethodHandlers } from "../types.ts";
import { chatHandlers } from "./chat.ts";
import { family } from "./family.ts";
import { healthHandlers } from "./health.ts";
import { presenceHandlers } from "./presence.ts";
import type { Services } from "./services.ts";
import { turnHandlers } from "./turns.ts";

/** The whole method table, from its families; one that is missing does not compile. */
export function createHandlers(services: Services): MethodHandlers {
  const catalog = async () => (await import("./catalog.ts")).catalogHandlers(services);
  const outbox = async () => (await import("../outbox/methods.ts")).outboxHandlers(services);
  return {
    // What clients call at once is there; the rest is loaded with its first call.
    ...healthHandlers(services),
    ...presenceHandlers(services),
    ...turnHandlers(services),
    ...chatHandlers(services),
    ...family("models", catalog),
    ...family("agents", catalog),
    ...family("agent.identity", catalog),
    ...family("channels", outbox),
    ...family("outbox", outbox),
    ...family("send", outbox),
    ...family("sessions", async () => (await import("./sessions.ts")).sessionHandlers(services)),
    ...family("config", async () => (await import("./config.ts")).configHandlers(services)),
    ...family("cron", async () => (await import("./cron.ts")).cronHandlers(services)),
    ...family("device", async () => (await import("./devices.ts")).deviceHandlers(services)),
    ...family("usage", async () => (await import("./usage.ts")).usageHandlers(services)),
    ...family("audit", async () => (await import("./audit.ts")).auditHandlers(services)),
    ...family("hooks", async () => (await import("../hooks/methods.ts")).hookHandlers(services)),
  };
}
