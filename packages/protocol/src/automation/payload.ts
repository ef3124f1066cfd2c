import { z } from "zod";

/** Absent; other programs write `null` for it. */
const absent = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
const text = absent(z.string().trim().min(1));
const flag = absent(z.boolean());

/** Tells the assistant of something (agent.md §13). */
const SystemEventPayload = z.object({ kind: z.literal("systemEvent"), text: z.string() });

/** Lets the assistant take a turn. `model` and `route` exclude each other. */
const AgentTurnPayload = z.object({
  kind: z.literal("agentTurn"),
  message: z.string(),
  model: text,
  route: text,
  thinking: text,
  timeoutSeconds: absent(z.number()),
  allowUnsafeExternalContent: flag,
  /** Whether the reply goes out: to `channel` and `to`. */
  deliver: flag,
  channel: text,
  to: text,
  /** Tries delivery three times instead of once. */
  bestEffortDeliver: flag,
});

/** What a task or a scheduled job does (agent.md §12, §13). */
export const JobPayload = z.discriminatedUnion("kind", [SystemEventPayload, AgentTurnPayload]);
export type JobPayload = z.infer<typeof JobPayload>;

const maxTextBytes = 8192;

/** What keeps a payload from ever doing anything, its field first: `message is required`; undefined if nothing. Pure. */
export function payloadFault(payload: JobPayload): string | undefined {
  if (payload.kind === "systemEvent") {
    if (payload.text.trim() === "") return "text is required";
    const isLong = new TextEncoder().encode(payload.text).length > maxTextBytes;
    return isLong ? `text must be at most ${maxTextBytes} bytes` : undefined;
  }
  const { message, model, route, timeoutSeconds: seconds } = payload;
  if (message.trim() === "") return "message is required";
  if (model !== undefined && route !== undefined) return "model and route exclude each other";
  return seconds !== undefined && !(seconds > 0) ? "timeoutSeconds must be above 0" : undefined;
}
