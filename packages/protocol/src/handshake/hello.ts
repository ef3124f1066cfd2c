import { z } from "zod";
import { PresenceEntry } from "../events/presence.ts";
import { StateVersion } from "../frames/frames.ts";
import { HealthResult } from "../methods/health.ts";
import { MaybeNum, MaybeText, Num, Text, Texts } from "../scalars.ts";

/** The first event on a socket (websocket.md §3). */
export const ConnectChallenge = z.object({ nonce: z.string().min(1), ts: Num });
export type ConnectChallenge = z.infer<typeof ConnectChallenge>;

/**
 * What a gateway answers to `connect` (websocket.md §4). `auth` is sent to everybody, as protocol 4 asks: role and
 * scopes always, the rotated device token with a verified device. Gateways of protocol 3 leave it out without one.
 */
export const HelloOk = z.object({
  type: z.literal("hello-ok"),
  protocol: z.int().min(1),
  server: z.object({
    version: Text,
    commit: MaybeText,
    host: MaybeText,
    connId: Text,
  }),
  features: z.object({ methods: Texts, events: Texts }),
  snapshot: z.object({
    // Shown, never relied on: a peer's other idea of health is no reason not to connect.
    presence: z.array(PresenceEntry).catch([]),
    health: HealthResult.partial().catch({}),
    stateVersion: StateVersion,
    uptimeMs: Num,
  }),
  auth: z
    .object({
      role: Text,
      scopes: Texts,
      deviceToken: MaybeText,
      issuedAtMs: MaybeNum,
    })
    .optional(),
  policy: z.object({
    maxPayload: z.int().min(1),
    maxBroadcastPayload: z.int().min(1).optional(),
    maxBufferedBytes: z.int().min(1),
    tickIntervalMs: z.int().min(1),
  }),
});
export type HelloOk = z.infer<typeof HelloOk>;
