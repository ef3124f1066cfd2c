import { Origin, TokenUsage } from "@carapace/protocol";
import { z } from "zod";

/** What the loop notes beside an assistant message, so that a crash in the middle of a run loses nothing. */
const StepFacts = z.object({
  /** Full model string. */
  model: z.string().optional().catch(undefined),
  usage: TokenUsage.optional().catch(undefined),
  /** The reply was cut off by an abort or a failure. */
  interrupted: z.boolean().optional().catch(undefined),
  /** Why this was the run's closing turn. */
  closing: z.enum(["max_turns", "loop"]).optional().catch(undefined),
  /** The label of its calls, which have none of their own: what the model had read when it made them. */
  callOrigin: Origin.optional().catch(undefined),
  /** Which beginning of the run stored it; absent in the first. */
  attempt: z.int().optional().catch(undefined),
  /** Ids of calls whose arguments were not JSON. */
  invalidCalls: z.array(z.string()).optional().catch(undefined),
});
export type StepFacts = z.infer<typeof StepFacts>;

export function readStepFacts(metadata: unknown): StepFacts {
  return StepFacts.catch({}).parse(metadata ?? {});
}
