import { z } from "zod";

const optional = z
  .string()
  .trim()
  .min(1)
  .nullish()
  .transform((value) => value ?? undefined);

/** Tells the assistant of something (agent.md §13). */
const SystemEventPayload = z.object({ kind: z.literal("systemEvent"), text: z.string() });

/** Lets the assistant take a turn. `model` and `route` exclude each other. */
const AgentTurnPayload = z.object({
  kind: z.literal("agentTurn"),
  message: z.string(),
  model: optional,
  route: optional,
  thinking: optional,
  timeoutSeconds: z
    .number()
    .nullish()
    .transform((value) => value ?? undefined),
  allowUnsafeExternalContent: z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined),
  /** Whether the reply goes out: to `channel` and `to`. */
  deliver: z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined),
  channel: optional,
  to: optional,
  /** Tries delivery three times instead of once. */
  bestEffortDeliver: z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined),
});

/** What a task or a scheduled job does (agent.md §12, §13). */
export const JobPayload = z.discriminatedUnion("kind", [SystemEventPayload, AgentTurnPayload]);
export type JobPayload = z.infer<typeof JobPayload>;
