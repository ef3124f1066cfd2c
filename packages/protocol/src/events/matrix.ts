import { z } from "zod";

const VerificationState = z.enum([
  "created",
  "requested",
  "ready",
  "transitioned",
  "started",
  "accepted",
  "keys_exchanged",
  "confirmed",
  "done",
  "cancelled",
  "mismatched",
]);

/** A Matrix device verification and how far it is (websocket.md §10). */
export const MatrixVerificationEvent = z.object({
  verification: z.object({
    flowId: z.string(),
    protocolFlowId: z.string(),
    userId: z.string(),
    deviceId: z.string().optional(),
    state: VerificationState,
    sas: z
      .object({
        emoji: z.array(z.object({ symbol: z.string(), description: z.string() })).optional(),
        decimals: z.tuple([z.int(), z.int(), z.int()]).optional(),
      })
      .optional(),
    createdAt: z.number(),
    updatedAt: z.number(),
  }),
  ts: z.number(),
});
export type MatrixVerificationEvent = z.infer<typeof MatrixVerificationEvent>;
