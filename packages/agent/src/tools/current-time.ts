import { z } from "zod";
import { answer, defineTool, failure, steered } from "./define-tool.ts";
import { isZone, weekday, zonedIso } from "./zone-time.ts";

const timezone = z
  .string()
  .min(1)
  .max(64)
  .describe("IANA zone such as Europe/Berlin; without it the machine's own zone");

/** The clock (agent.md §9.2); `timezone`, `local` and `weekday` are ours. */
export const currentTime = defineTool({
  name: "current_time",
  description:
    "The current date and time: in UTC (iso, unix seconds) and on the clocks of a time zone (local, weekday).",
  effect: "read",
  params: z.strictObject({ timezone: timezone.optional() }),
  run(params, context) {
    const origin =
      params.timezone === undefined
        ? ({ kind: "tool", ref: "current_time" } as const)
        : steered(context, "current_time");
    const zone = params.timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!isZone(zone))
      return failure(`There is no time zone "${zone}". Use an IANA name such as Europe/Berlin.`, origin);
    const nowMs = context.nowMs();
    const iso = new Date(nowMs).toISOString();
    const local = zonedIso(nowMs, zone);
    return answer(
      { iso, unix: Math.floor(nowMs / 1000), timezone: zone, local, weekday: weekday(nowMs, zone) },
      origin,
    );
  },
});
