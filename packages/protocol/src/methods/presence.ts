import { z } from "zod";
import { PresenceEntry } from "../events/presence.ts";
import { wireLimits } from "../frames/limits.ts";
import { NullableText, Num, Text, True } from "../scalars.ts";
import {
  lenient,
  methods,
  NoParams,
  optionalKey,
  optionalText,
  optionalTexts,
  required,
} from "./contract.ts";

const SystemEventParams = () =>
  z.object({
    text: required("text").refine(
      (text) => Buffer.byteLength(text) <= wireLimits.maxSystemEventBytes,
      `text exceeds ${wireLimits.maxSystemEventBytes} bytes`,
    ),
    instanceId: optionalKey("instanceId"),
    host: optionalKey("host"),
    ip: optionalText,
    mode: optionalText,
    version: optionalText,
    platform: optionalText,
    deviceId: optionalKey("deviceId"),
    deviceFamily: optionalText,
    modelIdentifier: optionalText,
    reason: optionalText,
    tags: optionalTexts("tags"),
    roles: optionalTexts("roles"),
    scopes: optionalTexts("scopes"),
    lastInputSeconds: lenient(Num),
  });

/** Who is connected, and what they say of themselves (websocket.md §12.1). */
export const presenceMethods = methods({
  "system-presence": {
    access: "read",
    summary: "List connected clients",
    params: NoParams,
    result: () => z.array(PresenceEntry),
  },
  "system-event": {
    access: "admin",
    summary: "Record a system event and update a presence entry",
    params: SystemEventParams,
    result: () => z.object({ ok: True }),
  },
  wake: {
    access: "write",
    summary: "Let the assistant look at a conversation though nobody wrote, and record the event",
    params: () => z.object({ target: optionalText }),
    result: () =>
      z.object({
        ok: True,
        target: NullableText,
        // Null, with the reason, if no turn starts; with a reason beside an id, that one has not ended.
        runId: NullableText.optional(),
        sessionKey: Text.optional(),
        reason: Text.optional(),
      }),
  },
});
