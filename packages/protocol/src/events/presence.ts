import { z } from "zod";

/** One connected client as others see it (websocket.md §10.1). */
export const PresenceEntry = z.object({
  /** Unix ms of its connecting or last activity. */
  ts: z.number(),
  /** Its display name. */
  host: z.string().optional(),
  version: z.string().optional(),
  platform: z.string().optional(),
  mode: z.string().optional(),
  reason: z.string().optional(),
  tags: z.array(z.string()).optional(),
  text: z.string().optional(),
  lastInputSeconds: z.number().optional(),
  ip: z.string().optional(),
  deviceId: z.string().optional(),
  roles: z.array(z.string()).optional(),
  scopes: z.array(z.string()).optional(),
  instanceId: z.string().optional(),
  deviceFamily: z.string().optional(),
  modelIdentifier: z.string().optional(),
});
export type PresenceEntry = z.infer<typeof PresenceEntry>;

/** The entry without what only `operator.admin` may see. */
export function publicPresence(entry: PresenceEntry): PresenceEntry {
  const { ip, deviceId, roles, scopes, instanceId, deviceFamily, modelIdentifier, ...shown } = entry;
  return shown;
}
