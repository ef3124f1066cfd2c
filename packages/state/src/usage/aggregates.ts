import { z } from "zod";

/**
 * Sums of usage that was recorded elsewhere (state.md §6): of a UTC day, a month or a session, with the reference's own
 * fields.
 */
export const UsageAggregate = z.looseObject({
  period: z.enum(["day", "month", "session"]),
  /** `YYYY-MM-DD`, `YYYY-MM`, or `sid_` and 64 hex characters. */
  name: z.string().min(1).max(255),
  input_tokens: z.number(),
  output_tokens: z.number(),
  requests: z.number(),
  cost_usd: z.number(),
});
export type UsageAggregate = z.infer<typeof UsageAggregate>;
