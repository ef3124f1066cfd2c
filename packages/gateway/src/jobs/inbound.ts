import type { JobPayload, Origin } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { Inbound } from "../ingress/types.ts";
import type { RunDelivery } from "../runs/types.ts";

/** The payload of a job that lets the assistant take a turn. */
export type AgentTurn = Extract<JobPayload, { kind: "agentTurn" }>;

/** What of it says how the turn is taken. */
type JobTurn = Pick<AgentTurn, "message"> &
  Partial<Pick<AgentTurn, "model" | "route" | "thinking" | "channel" | "to" | "timeoutSeconds">>;

/** What a task, a scheduled job or a hook adds to the turn it asks for. */
export interface JobFacts {
  /** The same id is the same turn, however often it is submitted. */
  readonly runId: string;
  /** `cron:<job>`, `hook:<path>:<id>`, or whatever conversation it names. */
  readonly sessionName: string;
  readonly origin: Origin;
  readonly agentId?: string;
  readonly maxTurns?: number;
  /** Unless the payload says so itself. */
  readonly timeoutSeconds?: number;
  /** Absent: the reply stays in its conversation. */
  readonly delivery?: RunDelivery;
}

/** The message that such a turn begins with: it takes its way through the one door like all others. */
export function inboundOfJob(payload: JobTurn, job: JobFacts): Inbound {
  const { message, model, route, thinking, channel, to } = payload;
  return {
    runId: job.runId,
    origin: job.origin,
    message,
    session: { name: job.sessionName },
    speaker: {},
    metadata: definedOnly({ channel, chatId: to, thinkingLevel: thinking, agentId: job.agentId }),
    wishes: definedOnly({
      stream: true,
      alone: true,
      model,
      route,
      agentId: job.agentId,
      maxTurns: job.maxTurns,
      timeoutSeconds: payload.timeoutSeconds ?? job.timeoutSeconds,
      delivery: job.delivery,
    }),
  };
}
