import { z } from "zod";
import { PresenceEntry } from "../events/presence.ts";
import { wireLimits } from "../frames/limits.ts";
import { lenient, methods, optionalText, required } from "./contract.ts";

const SystemEventParams = z.object({
  text: required("text").refine(
    (text) => Buffer.byteLength(text) <= wireLimits.maxSystemEventBytes,
    `text exceeds ${wireLimits.maxSystemEventBytes} bytes`,
  ),
  instanceId: optionalText(),
  host: optionalText(),
  ip: optionalText(),
  mode: optionalText(),
  version: optionalText(),
  platform: optionalText(),
  deviceId: optionalText(),
  deviceFamily: optionalText(),
  modelIdentifier: optionalText(),
  reason: optionalText(),
  tags: lenient(z.array(z.string())),
  roles: lenient(z.array(z.string())),
  scopes: lenient(z.array(z.string())),
  lastInputSeconds: lenient(z.number()),
});

/** Who is connected, and what they say of themselves (websocket.md §12.1). */
export const presenceMethods = methods({
  "system-presence": {
    access: "read",
    summary: "List connected clients",
    params: z.object({}),
    result: z.array(PresenceEntry),
  },
  "system-event": {
    access: "admin",
    summary: "Record a system event and update a presence entry",
    params: SystemEventParams,
    result: z.object({ ok: z.literal(true) }),
  },
});
