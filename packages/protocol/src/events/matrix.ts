import { z } from "zod";
import { MaybeText, Num, Text } from "../scalars.ts";

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
    flowId: Text,
    protocolFlowId: Text,
    userId: Text,
    deviceId: MaybeText,
    state: VerificationState,
    sas: z
      .object({
        emoji: z.array(z.object({ symbol: Text, description: Text })).optional(),
        decimals: z.tuple([z.int(), z.int(), z.int()]).optional(),
      })
      .optional(),
    createdAt: Num,
    updatedAt: Num,
  }),
  ts: Num,
});
export type MatrixVerificationEvent = z.infer<typeof MatrixVerificationEvent>;
