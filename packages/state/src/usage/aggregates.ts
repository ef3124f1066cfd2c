import { once } from "@carapace/protocol";
import { z } from "zod";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";

/**
 * Sums of usage that was recorded elsewhere (state.md §6): of a UTC day, a month or a session, with the reference's own
 * fields.
 */
export const usageAggregate = once(() =>
  z.looseObject({
    period: z.enum(["day", "month", "session"]),
    /** `YYYY-MM-DD`, `YYYY-MM`, or `sid_` and 64 hex characters. */
    name: z.string().min(1).max(255),
    input_tokens: z.number(),
    output_tokens: z.number(),
    requests: z.number(),
    cost_usd: z.number(),
  }),
);
export type UsageAggregate = z.infer<ReturnType<typeof usageAggregate>>;

export function aggregateDocuments(deps: SealedDeps): Documents<UsageAggregate> {
  const name = "usage aggregate";
  return new Documents(deps, { table: "usage_aggregates", name, schema: usageAggregate, pages: 16 });
}

export function aggregateId({ period, name }: Pick<UsageAggregate, "period" | "name">): string {
  return `${period}/${name}`;
}
