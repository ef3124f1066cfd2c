import { z } from "zod";
import { MaybeNum, MaybeText, Num, Texts } from "../scalars.ts";

/** One connected client as others see it (websocket.md §10.1). */
export const PresenceEntry = z.object({
  /** Unix ms of its connecting or last activity. */
  ts: Num,
  /** Its display name. */
  host: MaybeText,
  version: MaybeText,
  platform: MaybeText,
  mode: MaybeText,
  reason: MaybeText,
  tags: Texts.optional(),
  text: MaybeText,
  lastInputSeconds: MaybeNum,
  ip: MaybeText,
  deviceId: MaybeText,
  roles: Texts.optional(),
  scopes: Texts.optional(),
  instanceId: MaybeText,
  deviceFamily: MaybeText,
  modelIdentifier: MaybeText,
});
export type PresenceEntry = z.infer<typeof PresenceEntry>;

/** The entry without what only `operator.admin` may see. */
export function publicPresence(entry: PresenceEntry): PresenceEntry {
  const { ip, deviceId, roles, scopes, instanceId, deviceFamily, modelIdentifier, ...shown } = entry;
  return shown;
}
